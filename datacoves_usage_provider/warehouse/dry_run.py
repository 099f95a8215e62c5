"""A warehouse that loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk, VendorMonth
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.warehouse.tables import Provenance


class DryRun:
    """What a task has in place of a ``Warehouse`` if it is to read and total only."""

    warnings: Sequence[str] = ()

    def close(self) -> None:
        """Nothing is open."""

    def load(self, chunk: UsageChunk, provenance: Provenance, allow_empty: bool = False) -> None:
        """Load nothing, so there are no ``Changes`` to return."""

    def load_month(self, month: VendorMonth, provenance: Provenance, allow_empty: bool = False) -> None:
        """Load nothing."""

    def prepare_and_find_missing_days(self, account: BillingAccount, days: Sequence[date], scope: Scope) -> list[date]:
        """Create nothing. Without a load log, no day is known to be missing."""
        return []
