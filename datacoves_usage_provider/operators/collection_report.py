"""What a collecting task has done: its log lines, its warnings and its XCom."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk, VendorMonth
from datacoves_usage_provider.operators.plan import CollectionPlan
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.text import list_warnings, quote, shorten
from datacoves_usage_provider.totals import PeriodTotals
from datacoves_usage_provider.warehouse.changes import Changes
from datacoves_usage_provider.window import UsageWindow

_MOST_VALUES = 20


class CollectionReport:
    """Adds up and logs what a task does for ``plan``; a dry run loads nothing, and its ``loaded`` is null."""

    def __init__(self, account: BillingAccount, plan: CollectionPlan, log: logging.Logger) -> None:
        self._account = account
        self._plan = plan
        self._log = log
        self._totals = PeriodTotals(plan.period)
        self._not_covered = set(plan.period.days)
        self._days = 0
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
        self._totals.add(chunk.records)
        self._not_covered.difference_update(chunk.days)
        self._log_line(chunk, self._count(chunk, changes))
        self.warn([*chunk.warnings, *self._find_warnings(chunk, changes)])

    def add_month(self, month: VendorMonth) -> None:
        """Count the vendor's own figures of the period."""
        self._totals.add_month(month.records)
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

    def to_json(self) -> dict[str, Any]:
        """Return the operator's XCom value."""
        return {
            **self._account._asdict(),
            "window": {"start": str(self._plan.period.start), "end": str(self._plan.period.end)},
            "totals": self._totals.to_json(),
            "loaded": self._loaded,
        }

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

    def _find_warnings(self, chunk: UsageChunk, changes: Changes | None) -> Iterator[str]:
        """Yield a sentence for each thing about the data that a person should look at."""
        if missing := [day for day in chunk.missing_days if day in self._plan.period]:
            yield (
                f"{self._account.service_provider_name} does not cover {', '.join(map(str, missing))} yet, so it "
                "was not loaded. A later run with catch_up_days loads it."
            )
        yield from self._describe_unknown(chunk, chunk.unseen if changes is None else changes.unknown)
        for (meter, before, after), rows in ({} if changes is None else changes.units).items():
            yield (
                f"The unit of {meter} of {self._account} changed from {before} to {after} in {rows} rows of "
                f"{chunk.window}. usage_revision has no column for units: its numbers of before that load are "
                f"{before}."
            )
        yield from list_warnings(
            f"Sub account {quote(sub_account)} of {self._account} no longer has usage in {chunk.window}. Its rows "
            "were removed; usage_revision keeps their numbers. Was it deleted, or did the key lose access to it?"
            for sub_account in ([] if changes is None else changes.find_vanished())
        )

    def _describe_unknown(self, chunk: UsageChunk, unknown: Scope) -> Iterator[str]:
        for name, values in unknown.narrowed.items():
            yield (
                f"{self._account} has no usage of {name} {_join(values)} in {chunk.window}, and "
                f"{self._account.service_provider_name} ignores ids that it does not know. Nothing was loaded for "
                "these ids. Are they spelled right, and does the key have access to them?"
            )


def _join(values: Sequence[str]) -> str:
    shown = ", ".join(map(shorten, values[:_MOST_VALUES]))
    return shown if len(values) <= _MOST_VALUES else f"{shown} and {len(values) - _MOST_VALUES} more"
