"""What a load changes: the rows of its chunk before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter

from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.records import Key, UsageRecord, get_key

AMOUNT = ("consumed_quantity", "effective_cost", "billing_currency", "consumed_unit")
Amount = tuple[Decimal, "Decimal | None", "str | None", str]
"""What a row says, apart from its key and names. Unequal amounts are a change: 120 Minutes are not 120 Hours."""

_get_amount: Callable[[UsageRecord], Amount] = attrgetter(
    *(name.replace("consumed_unit", "meter.unit") for name in AMOUNT)
)


@dataclass(frozen=True)
class LoadCounts:
    """Rows that a load added, changed or removed."""

    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class Changes:
    """
    The rows of one chunk ``before`` its load, and the records that are its rows ``after`` it.

    ``unknown`` are values of its scope that neither its records nor the table know: they were not loaded.
    """

    before: Mapping[Key, Amount]
    after: Sequence[UsageRecord]
    unknown: Scope = field(default_factory=Scope)

    def __iter__(self) -> Iterator[tuple[Key, Amount | None, Amount | None]]:
        """Yield each key that differs, with its amount before and after; None: no row."""
        gone = dict(self.before)
        for record in self.after:
            key, amount = get_key(record), _get_amount(record)
            if (had := gone.pop(key, None)) != amount:
                yield key, had, amount
        for key, had in gone.items():
            yield key, had, None

    def count(self) -> LoadCounts:
        if not self.before:
            return LoadCounts(len(self.after), 0, 0)
        kinds = [(before is None, after is None) for _, before, after in self]
        return LoadCounts(kinds.count((True, False)), kinds.count((False, False)), kinds.count((False, True)))

    @property
    def units(self) -> Counter[tuple[str, str, str]]:
        """How many rows of which meter changed from which unit to which."""
        pairs = ((key[3], before[-1], after[-1]) for key, before, after in self if before and after)
        return Counter(pair for pair in pairs if pair[1] != pair[2])

    def find_vanished(self) -> list[str]:
        """Return the sub accounts that had rows and no longer have any."""
        had = {key[0] for key in self.before}
        return sorted(had.difference(record.sub_account_id for record in self.after)) if had else []
