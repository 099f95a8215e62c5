"""What is requested from a usage API, which is exactly what a load then replaces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from itertools import compress, product
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.window import UsageWindow

if TYPE_CHECKING:
    from datacoves_usage_provider.records import UsageRecord

ANY = "*"
"""In the load log: every sub account, service or resource that the account has."""


class Cell(NamedTuple):
    """One sub account, service and resource, each by its id or ``"*"`` for all: what one row of the load log covers."""

    sub_account_id: str = ANY
    service_name: str = ANY
    resource_id: str = ANY


DIMENSIONS = Cell._fields
"""The fields of ``UsageRecord`` that a scope may narrow: the load log has a column for each."""


@dataclass(frozen=True)
class UsageQuery:
    """
    One window plus filters in the API's own words.

    ``filters`` maps a filter's name to the values wanted, at least one each; a name that is absent is not filtered.
    """

    window: UsageWindow
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, values in self.filters.items():
            if isinstance(values, str) or not values:
                raise UsageConfigError(f"Filter {name!r} must have a tuple of at least one value, not {values!r}.")
        # A value given twice would be requested, and counted, twice.
        unique = {name: tuple(dict.fromkeys(values)) for name, values in self.filters.items()}
        object.__setattr__(self, "filters", unique)


@dataclass(frozen=True)
class Scope:
    """
    The part of an account that is requested, by the columns of the tables; a query's filters use the API's words.

    Each dimension lists the values wanted; None: all of them. An empty tuple: none of them.
    """

    sub_account_id: tuple[str, ...] | None = None
    service_name: tuple[str, ...] | None = None
    resource_id: tuple[str, ...] | None = None

    @property
    def narrowed(self) -> dict[str, tuple[str, ...]]:
        """The dimensions that do not have all values."""
        wanted = ((name, getattr(self, name)) for name in DIMENSIONS)
        return {name: values for name, values in wanted if values is not None}

    @property
    def cells(self) -> Iterator[Cell]:
        """Every combination of the values wanted."""
        return (Cell(*values) for values in product(*(self.narrowed.get(name, (ANY,)) for name in DIMENSIONS)))

    def __contains__(self, record: UsageRecord) -> bool:
        return all(getattr(record, name) in wanted for name, wanted in self.narrowed.items())

    def overlaps(self, other: Scope) -> bool:
        """Tell whether a record may be in both."""
        return all(
            not set(wanted).isdisjoint(other.narrowed.get(name, wanted)) for name, wanted in self.narrowed.items()
        )

    def includes(self, other: Scope) -> bool:
        """Tell whether each record that is in ``other`` is in this scope."""
        return all(
            name in other.narrowed and set(wanted).issuperset(other.narrowed[name])
            for name, wanted in self.narrowed.items()
        )

    def find_unseen(self, records: Collection[UsageRecord]) -> Scope:
        """Return the values that no record has."""
        unseen = {
            name: tuple(sorted(set(wanted).difference(getattr(record, name) for record in records)))
            for name, wanted in self.narrowed.items()
        }
        return Scope(**{name: values for name, values in unseen.items() if values})

    def without(self, other: Scope) -> Scope:
        """Return this scope less the values that ``other`` names; a dimension that loses all of them has none."""
        return Scope(
            **{name: _subtract(wanted, other.narrowed.get(name, ())) for name, wanted in self.narrowed.items()}
        )


class Coverage(NamedTuple):
    """The window and scope of a request."""

    window: UsageWindow
    scope: Scope = Scope()

    def overlaps(self, other: Coverage) -> bool:
        return self.window.overlaps(other.window) and self.scope.overlaps(other.scope)

    def includes(self, other: Coverage) -> bool:
        return self.window.includes(other.window) and self.scope.includes(other.scope)

    def select(self, records: Sequence[UsageRecord], known: Coverage | None = None) -> Sequence[UsageRecord]:
        """Return those of ``records`` in the window and the scope. If ``known`` is given, all of them are in it."""
        wanted: dict[str, Collection[Any]] = dict(self.scope.narrowed)
        if known is None or not self.window.includes(known.window):
            wanted["charge_period_start"] = self.window.days
        for name, values in wanted.items():
            are_wanted = map(frozenset(values).__contains__, map(attrgetter(name), records))
            records = [*compress(records, are_wanted)]
        return records


class CellsByDay(NamedTuple):
    """What loads or requests covered."""

    cells: Mapping[date, AbstractSet[Cell]]

    @classmethod
    def of(cls, coverages: Iterable[Coverage]) -> CellsByDay:
        cells: defaultdict[date, set[Cell]] = defaultdict(set)
        for coverage in coverages:
            for day in coverage.window.days:
                cells[day].update(coverage.scope.cells)
        return cls(cells)

    def have(self, day: date, cell: Cell) -> bool:
        """Tell whether ``cell`` of ``day`` was covered: by a cell with each of its ids, or ``"*"``."""
        return not self.cells.get(day, _NONE).isdisjoint(product(*((name, ANY) for name in cell)))


_NONE: frozenset[Cell] = frozenset()


def _subtract(values: Iterable[str], others: Collection[str]) -> tuple[str, ...]:
    gone = set(others)
    return tuple(value for value in values if value not in gone)
