"""What a load changes: the rows of its days before it, beside the records that are its rows after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Any

from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.records import KEY, Key, UsageRecord, get_key

AMOUNT = ("consumed_quantity", "effective_cost", "billing_currency", "consumed_unit")
NAMES = ("sub_account_name", "resource_name", "x_is_additive")
Amount = tuple[Decimal, "Decimal | None", "str | None", str]
"""What a row says, apart from its key and names. Unequal amounts are a change: 120 Minutes are not 120 Hours."""

PATHS = {"sku_meter": "meter.name", "consumed_unit": "meter.unit", "x_is_additive": "meter.is_additive"}
"""Where a record has a column that is not a field of its own; a dotted path spares a property's call."""


def make_getter(columns: Iterable[str]) -> Callable[[UsageRecord], tuple[Any, ...]]:
    """Return what gives a record's values of ``columns``, of which there are several."""
    return attrgetter(*(PATHS.get(name, name) for name in columns))


get_amount: Callable[[UsageRecord], Amount] = make_getter(AMOUNT)
get_state = make_getter((*AMOUNT, *NAMES))


State = tuple[Any, ...]
"""A row's values of ``AMOUNT`` and ``NAMES``."""
Change = tuple[Key, "Amount | None", "Amount | None"]
"""A key whose amount differs, with the amounts before and after; None: no row."""
_KEY = slice(len(KEY))
_STATE = slice(len(KEY), None)
_AMOUNT = slice(len(AMOUNT))


@dataclass(frozen=True)
class Differences:
    """
    What makes rows those of records: ``deleted`` keys, ``updated`` and ``inserted`` records, in this order.

    ``differing`` are records with other rows, which say ``before``; ``surplus`` is what all other rows say. Where a
    database does not enforce keys, ``doubled`` have several rows: these are deleted, and their records ``rewritten``.
    """

    added: Collection[UsageRecord] = ()
    differing: Sequence[UsageRecord] = ()
    before: Sequence[State] = ()
    surplus: Mapping[Key, State] = field(default_factory=dict)
    doubled: Collection[Key] = ()
    rewritten: Sequence[UsageRecord] = ()

    def __bool__(self) -> bool:
        return bool(self.surplus or self.differing or self.added)

    @property
    def deleted(self) -> Collection[Key]:
        return self.surplus.keys()

    @property
    def removed(self) -> Iterator[Key]:
        """The keys that no record has; their rows are deleted for good."""
        return (key for key in self.surplus if key not in self.doubled)

    @property
    def updated(self) -> Iterable[UsageRecord]:
        if not self.doubled:
            return self.differing
        return [record for record in self.differing if get_key(record) not in self.doubled]

    @property
    def inserted(self) -> Iterator[UsageRecord]:
        return chain(self.added, self.rewritten)

    @property
    def changes(self) -> Iterator[Change]:
        """Those of rows that were there; made anew each time, since a million of them would fill the memory."""
        for record, state in zip(self.differing, self.before, strict=True):
            before, after = state[_AMOUNT], get_amount(record)
            if before != after:  # new names are no change
                yield get_key(record), before, after
        for key in self.removed:
            yield key, self.surplus[key][_AMOUNT], None


def find_differences(rows: Iterable[tuple[Any, ...]], records: Sequence[UsageRecord]) -> Differences:
    """Compare ``rows``, which have values of ``KEY``, ``AMOUNT`` and ``NAMES``, with the ``records`` to be there."""
    remaining = iter(rows)
    first = next(remaining, None)
    if first is None:
        return Differences(added=records)
    missing = {get_key(record): record for record in records}
    differing: list[UsageRecord] = []
    before: list[State] = []
    surplus: dict[Key, State] = {}
    for row in chain([first], remaining):
        key, state = row[_KEY], row[_STATE]
        record = missing.pop(key, None)
        if record is None:
            surplus[key] = state
        elif state != get_state(record):
            differing.append(record)
            before.append(state)
    doubled = surplus.keys() & set(map(get_key, records)) if surplus else ()
    rewritten = [record for record in records if get_key(record) in doubled] if doubled else ()
    return Differences(missing.values(), differing, before, surplus, doubled, rewritten)


@dataclass(frozen=True)
class LoadCounts:
    """Rows that a load added, changed or removed."""

    added: int
    changed: int
    removed: int


@dataclass
class Changes:
    """
    What one load changed, added up over its parts.

    ``units``: how many rows of which meter changed from which unit to which. ``unknown``: values of the load's scope
    that neither its records nor the table know; they were not loaded.
    """

    unknown: Scope = field(default_factory=Scope)
    units: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _counts: Counter[str] = field(default_factory=Counter)
    _emptied: set[str] = field(default_factory=set)
    _filled: set[str] = field(default_factory=set)

    def add(self, added: Collection[UsageRecord], records: Iterable[UsageRecord]) -> None:
        """Count records that had no row; ``records`` are all that is there now."""
        self._counts["added"] += len(added)
        self._filled.update(map(attrgetter("sub_account_id"), records))

    def count_each(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Yield ``changes`` of rows that were there, and count each."""
        for change in changes:
            self._count_change(*change)
            yield change

    def _count_change(self, key: Key, before: Amount | None, after: Amount | None) -> None:
        if after is None:
            self._counts["removed"] += 1
            self._emptied.add(key[0])
        else:
            self._counts["changed"] += 1
            if before is not None and before[-1] != after[-1]:
                self.units[key[3], before[-1], after[-1]] += 1

    def count(self) -> LoadCounts:
        return LoadCounts(*(self._counts[name] for name in ("added", "changed", "removed")))

    def find_vanished(self) -> list[str]:
        """Return the sub accounts that had rows and no longer have any."""
        return sorted(self._emptied - self._filled)
