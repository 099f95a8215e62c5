"""What a collecting task has done: its log lines, its warnings and its XCom."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk, VendorMonth
from datacoves_usage_provider.operators.data_warnings import find_data_warnings
from datacoves_usage_provider.operators.plan import CollectionPlan
from datacoves_usage_provider.operators.summary import describe_totals, list_names
from datacoves_usage_provider.totals import PeriodTotals
from datacoves_usage_provider.warehouse.changes import Changes
from datacoves_usage_provider.window import UsageWindow


class CollectionReport:
    """
    Adds up and logs what a task does for ``plan``; a dry run loads nothing, and its ``loaded`` is null.

    ``totals`` are those of the plan's period; ``tables`` the names of those that a load writes to.
    """

    def __init__(self, account: BillingAccount, plan: CollectionPlan, log: logging.Logger) -> None:
        self._account = account
        self._plan = plan
        self._log = log
        self.totals = PeriodTotals(plan.period)
        self._not_covered = set(plan.period.days)
        self._is_filtered = False
        self._days = 0
        self.tables = ["usage_daily", "usage_revision", "usage_load_log"]
        self._loaded: dict[str, int] | None = None
        self._since = time.monotonic()

    @property
    def is_complete(self) -> bool:
        """Whether the API covered each day of the period."""
        return not self._not_covered

    def warn(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self._log.warning("%s", sentence)

    def add(self, chunk: UsageChunk, changes: Changes | None) -> None:
        """Count a chunk; ``changes`` are what its load changed, None if it was not loaded."""
        self._days += len(chunk.days)
        self.totals.add(chunk.records)
        self._not_covered.difference_update(chunk.days)
        self._is_filtered = bool(chunk.scope.narrowed)
        self._log_line(chunk, self._count(chunk, changes))
        self.warn([*chunk.warnings, *find_data_warnings(chunk, self._plan.period, changes)])

    def add_month(self, month: VendorMonth) -> None:
        """Count the vendor's own figures of the period."""
        self.totals.add(month.records, are_monthly=True)
        self.tables.append("usage_vendor_month")
        self._log.info(
            "%s: %d monthly figures of the vendor's own for %s.",
            str(self._account),
            len(month.records),
            f"{month.month:%Y-%m}",
        )

    @contextmanager
    def catching_up(self, missed: UsageWindow) -> Iterator[None]:
        """Let an error of a ``missed`` window pass through, and log what is loaded in spite of it."""
        try:
            yield
        except Exception:
            self._log.error(
                "%s is loaded. Catching up on %s failed; later runs try it again, as far back as catch_up_days goes.",
                self._plan.current,
                missed,
            )
            raise

    def log_summary(self) -> None:
        """Log what a person wants to know: the totals of the period."""
        self._log.info("%s, %s", str(self._account), self._describe_period())

    def to_json(self) -> dict[str, Any]:
        """Return what the operator's XCom value has besides the totals."""
        period = self._plan.period
        window = {"start": str(period.start), "end": str(period.end)}
        return {**self._account._asdict(), "window": window, "loaded": self._loaded}

    def _count(self, chunk: UsageChunk, changes: Changes | None) -> str:
        """Add a load to ``loaded``; return its counts in words."""
        if changes is None:
            return "none loaded (dry run)"
        counts = vars(changes.count())
        load = {"days": len(chunk.days), "records": len(chunk.records), **counts}
        loaded = self._loaded or dict.fromkeys(load, 0)
        self._loaded = {name: loaded[name] + number for name, number in load.items()}
        return ", ".join(f"{number} {name}" for name, number in counts.items())

    def _log_line(self, chunk: UsageChunk, counts: str) -> None:
        now = time.monotonic()
        self._log.info(
            "%s: %s %s (%d of %d days): %d requests, %d retries, %d records, %s, %.1f seconds.",
            str(self._account),  # Airflow 2 masks the fields of a tuple apart, and logs it as one
            "read" if self._loaded is None else "loaded",
            chunk.window,
            self._days,
            self._plan.days,
            chunk.requests,
            chunk.retries,
            len(chunk.records),
            counts,
            now - self._since,
        )
        self._since = now

    def _describe_period(self) -> str:
        """Return a sentence about what was used, and one about each thing that is missing from it."""
        period, missing = self._plan.period, sorted(self._not_covered)
        label = f"{period.start:%Y-%m}" if self._plan.is_whole_month else str(period)
        sentences = [f"{label}{' (filtered)' if self._is_filtered else ''}: {self._describe_usage()}."]
        if 0 < len(missing) < len(period.days):
            which = str(missing[0]) if len(missing) == 1 else f"{len(missing)} of {len(period.days)} days"
            sentences.append(f"Without {which}, which {self._account.service_provider_name} does not cover yet.")
        if meters := self.totals.find_meters_without_total():
            sentences.append(f"No total of {list_names([meter.name for meter in meters])}: days of it do not add up.")
        if self._loaded is None:
            sentences.append("Nothing was loaded (dry run).")
        return " ".join(sentences)

    def _describe_usage(self) -> str:
        if len(self._not_covered) == len(self._plan.period.days):
            return "not covered yet"
        without_total = "usage" if self.totals.find_meters_without_total() else "no usage"
        return describe_totals(self.totals) or without_total
