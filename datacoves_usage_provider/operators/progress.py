"""What a task has done so far, told in one line for each load."""

from __future__ import annotations

import logging
import time

from datacoves_usage_provider.chunk import Scope, UsageChunk, VendorMonth
from datacoves_usage_provider.warehouse.changes import Changes


class Progress:
    """Adds up the loads of a task that is to cover ``total_days``."""

    def __init__(self, total_days: int, log: logging.Logger) -> None:
        self.days = self.records = self.added = self.changed = self.removed = 0
        self._total_days = total_days
        self._log = log
        self._since = time.monotonic()

    def add_read(self, chunk: UsageChunk) -> None:
        """Note a chunk that was only read."""
        self._count(chunk)
        self._tell("read", chunk, ", none loaded (dry run)")
        self._warn_of_unknown(chunk, chunk.unseen)

    def add_load(self, chunk: UsageChunk, changes: Changes) -> None:
        """Note a chunk that was loaded, and warn of each sub account that is gone from its days."""
        self._count(chunk)
        counts = changes.count()
        self.added += counts.added
        self.changed += counts.changed
        self.removed += counts.removed
        self._tell("loaded", chunk, f", {counts.added} added, {counts.changed} changed, {counts.removed} removed")
        self._warn_of_unknown(chunk, changes.unknown)
        for sub_account in changes.find_vanished():
            self._log.warning(
                "Sub account %r of %s account %r has no usage any more in %s; its rows were removed and are kept in "
                "usage_revision. Was it deleted, or does the key no longer have access to it?",
                sub_account,
                chunk.service_provider_name,
                chunk.billing_account_id,
                chunk.window,
            )

    def tell_vendor_month(self, month: VendorMonth) -> None:
        """Say that the vendor's own figures of a month were read; they are counted nowhere else."""
        self._log.info(
            "%s account %r: %d figures of the vendor's own for %s.",
            month.service_provider_name,
            month.billing_account_id,
            len(month.records),
            month.month.strftime("%Y-%m"),
        )

    def to_json(self) -> dict[str, int]:
        names = ("days", "records", "added", "changed", "removed")
        return {name: getattr(self, name) for name in names}

    def _count(self, chunk: UsageChunk) -> None:
        self.days += len(chunk.days)
        self.records += len(chunk.records)

    def _tell(self, done: str, chunk: UsageChunk, changes: str) -> None:
        now = time.monotonic()
        self._log.info(
            "%s account %r: %s %s (%d of %d days): %d requests, %d retries, %d records%s, %.1f seconds.",
            chunk.service_provider_name,
            chunk.billing_account_id,
            done,
            chunk.window,
            self.days,
            self._total_days,
            chunk.requests,
            chunk.retries,
            len(chunk.records),
            changes,
            now - self._since,
        )
        self._since = now

    def _warn_of_unknown(self, chunk: UsageChunk, unknown: Scope) -> None:
        for name, values in unknown.items():
            self._log.warning(
                "%s account %r has no usage of %s %s in %s, and %s ignores ids that it does not know: nothing was "
                "loaded of it. Is it spelled right, and may the key see it?",
                chunk.service_provider_name,
                chunk.billing_account_id,
                name,
                ", ".join(values),
                chunk.window,
                chunk.service_provider_name,
            )
