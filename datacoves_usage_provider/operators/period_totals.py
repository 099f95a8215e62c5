"""The totals of the period that a task is asked for, whatever else it loads."""

from __future__ import annotations

import logging
from typing import Any

from datacoves_usage_provider.chunk import UsageChunk, VendorMonth
from datacoves_usage_provider.records import NOT_ADDITIVE
from datacoves_usage_provider.totals import UsageTotals
from datacoves_usage_provider.window import UsageWindow


class PeriodTotals:
    """Sums over the days of ``period`` alone; meters whose days do not add up have one only for a single day."""

    def __init__(self, period: UsageWindow, log: logging.Logger) -> None:
        self._days = frozenset(period.days)
        self._log = log
        self._left_out = frozenset() if len(self._days) == 1 else NOT_ADDITIVE
        self._not_covered = set(self._days)
        self._totals = UsageTotals()

    def add(self, chunk: UsageChunk) -> None:
        self._not_covered.difference_update(chunk.days)
        self._warn_of_days_not_covered(chunk)
        self._totals.add(
            record
            for record in chunk.records
            if record.charge_period_start in self._days and record.sku_meter not in self._left_out
        )

    def add_vendor_month(self, month: VendorMonth) -> None:
        """Add the vendor's own figures, for the meters whose days do not add up."""
        self._totals.add(record for record in month.records if record.sku_meter in self._left_out)

    @property
    def are_complete(self) -> bool:
        """Whether the server covered each day of the period."""
        return not self._not_covered

    def to_json(self) -> list[dict[str, Any]]:
        return [total.to_json() for total in self._totals.get()]

    def _warn_of_days_not_covered(self, chunk: UsageChunk) -> None:
        if missing := [day for day in chunk.window.days if day in self._not_covered]:
            self._log.warning(
                "%s does not cover %s yet, so nothing is loaded of it: a later run with catch_up_days brings it.",
                chunk.service_provider_name,
                ", ".join(map(str, missing)),
            )
