"""What a load changes: the rows of its chunk before and after, compared once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from datacoves_usage_provider.chunk import Scope
from datacoves_usage_provider.records import Key

AMOUNT = ("consumed_quantity", "effective_cost", "billing_currency")
Amount = tuple[Decimal, "Decimal | None", "str | None"]
"""What a row says, apart from its key and names. Unequal amounts are a change."""


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
        kept = self.before.keys() & self.after.keys()
        changed = sum(self.before[key] != self.after[key] for key in kept)
        return LoadCounts(len(self.after) - len(kept), changed, len(self.before) - len(kept))

    def find_vanished(self) -> list[str]:
        """Return the sub accounts that had rows and have none any more."""
        return sorted({key[0] for key in self.before} - {key[0] for key in self.after})
