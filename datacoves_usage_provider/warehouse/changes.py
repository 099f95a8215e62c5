"""What a load changes: the rows of its chunk before and after, compared once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from datacoves_usage_provider.chunk import Scope

Key = tuple[str, str, str, str, date]
"""As ``UsageRecord.key``: sub account, service, resource, meter, day."""


class Amount(NamedTuple):
    """What a row says, apart from its key and names. Unequal amounts are a change."""

    consumed_quantity: Decimal
    effective_cost: Decimal | None
    billing_currency: str | None


@dataclass(frozen=True)
class LoadCounts:
    """Rows that a load added, changed or removed."""

    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class Changes:
    """
    The rows of one chunk before and after its load.

    ``unknown`` are values of its scope that neither its answers nor the table know: they were not loaded.
    """

    before: Mapping[Key, Amount]
    after: Mapping[Key, Amount]
    unknown: Scope = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[Key, Amount | None, Amount | None]]:
        """Yield each key that differs, with what it had and has; None: no row."""
        for key, amount in self.before.items():
            if amount != self.after.get(key):
                yield key, amount, self.after.get(key)
        for key, amount in self.after.items():
            if key not in self.before:
                yield key, None, amount

    def count(self) -> LoadCounts:
        added = len(self.after.keys() - self.before.keys())
        removed = len(self.before.keys() - self.after.keys())
        return LoadCounts(added, sum(1 for _ in self) - added - removed, removed)

    def find_vanished(self) -> list[str]:
        """Return the sub accounts that had rows and have none any more."""
        return sorted({key[0] for key in self.before} - {key[0] for key in self.after})
