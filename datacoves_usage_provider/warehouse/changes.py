"""What a load changes: the rows of its days before it, beside the records that are its rows after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

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


class Change(NamedTuple):
    """A key whose amount differs; None: no row."""

    key: Key
    before: Amount | None
    after: Amount | None


@dataclass(frozen=True)
class Differences:
    """
    What makes rows those of records: ``deleted`` keys, ``updated`` and ``inserted`` records, in this order.

    ``changes`` are those of rows that were there. ``added`` are the records that had no row: a part of ``inserted``.
    """

    changes: Sequence[Change] = ()
    deleted: Collection[Key] = ()
    updated: Sequence[UsageRecord] = ()
    added: Collection[UsageRecord] = ()
    rewritten: Sequence[UsageRecord] = ()

    def __bool__(self) -> bool:
        return bool(self.deleted or self.updated or self.added)

    @property
    def inserted(self) -> Iterator[UsageRecord]:
        return chain(self.added, self.rewritten)


def find_differences(rows: Iterable[Sequence[Any]], records: Sequence[UsageRecord]) -> Differences:
    """
    Compare ``rows``, which have values of ``KEY``, ``AMOUNT`` and ``NAMES``, with the ``records`` to be there instead.

    Where a database does not enforce keys, several rows may have one key: they are deleted, and its record inserted.
    """
    remaining = iter(rows)
    first = next(remaining, None)
    if first is None:
        return Differences(added=records)
    missing = {get_key(record): record for record in records}
    differing: list[tuple[UsageRecord, tuple[Any, ...]]] = []
    surplus: dict[Key, tuple[Any, ...]] = {}
    for row in chain([first], remaining):
        key, state = tuple(row[: len(KEY)]), tuple(row[len(KEY) :])
        record = missing.pop(key, None)
        if record is None:
            surplus[key] = state
        elif state != get_state(record):
            differing.append((record, state))
    doubled = surplus.keys() & set(map(get_key, records)) if surplus else ()
    return Differences(
        changes=[*_find_changes(differing), *_find_removed(surplus, doubled)],
        deleted=surplus.keys(),
        updated=[record for record, _ in differing if get_key(record) not in doubled],
        added=missing.values(),
        rewritten=[record for record in records if get_key(record) in doubled] if doubled else (),
    )


def _find_changes(differing: Iterable[tuple[UsageRecord, tuple[Any, ...]]]) -> Iterator[Change]:
    """Yield the changes of amounts; new names are none."""
    for record, state in differing:
        before, after = state[: len(AMOUNT)], get_amount(record)
        if before != after:
            yield Change(get_key(record), before, after)


def _find_removed(surplus: dict[Key, tuple[Any, ...]], doubled: Collection[Key]) -> Iterator[Change]:
    return (Change(key, state[: len(AMOUNT)], None) for key, state in surplus.items() if key not in doubled)


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

    def add(self, differences: Differences, records: Iterable[UsageRecord]) -> None:
        """Count ``differences``; ``records`` are what is there now."""
        self._counts["added"] += len(differences.added)
        for key, before, after in differences.changes:
            if after is None:
                self._counts["removed"] += 1
                self._emptied.add(key[0])
            else:
                self._counts["changed"] += 1
                self._count_unit(key, before, after)
        self._filled.update(record.sub_account_id for record in records)

    def _count_unit(self, key: Key, before: Amount | None, after: Amount) -> None:
        if before is not None and before[-1] != after[-1]:
            self.units[key[3], before[-1], after[-1]] += 1

    def count(self) -> LoadCounts:
        return LoadCounts(*(self._counts[name] for name in ("added", "changed", "removed")))

    def find_vanished(self) -> list[str]:
        """Return the sub accounts that had rows and no longer have any."""
        return sorted(self._emptied - self._filled)
