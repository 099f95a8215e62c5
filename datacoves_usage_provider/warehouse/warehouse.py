"""The tables of usage behind an Airflow SQL connection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Table
from sqlalchemy.engine import Connection

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk, VendorMonth
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.warehouse.changes import Changes
from datacoves_usage_provider.warehouse.chunk_parts import split_days
from datacoves_usage_provider.warehouse.load import Load
from datacoves_usage_provider.warehouse.load_log import RecordCounts, read_loaded_days
from datacoves_usage_provider.warehouse.session import WarehouseSession
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.vendor_month import replace_month
from datacoves_usage_provider.warehouse.views import View, make_views


class Warehouse(WarehouseSession):
    """What a collecting task loads into, and reads back; ``DryRun`` is its twin that loads nothing."""

    def prepare(self) -> None:
        """Create what is missing of the tables and views, and check the rest."""
        self.create_missing(self._expected)

    def prepare_and_find_missing_days(self, account: BillingAccount, days: Sequence[date], scope: Scope) -> list[date]:
        """``prepare``; return those of ``days`` that the load log lacks for any cell of ``scope`` of ``account``."""
        log, cells = [self.tables.load_log], list(scope.cells)
        loaded = self.create_missing_and_read(
            self._expected, lambda connection: read_loaded_days(connection, log, account, days)
        )
        return [day for day in days if not all(loaded.have(day, cell) for cell in cells)]

    @property
    def _expected(self) -> Sequence[Table | View]:
        return (*self.tables.all, *make_views(self.tables))

    def load(self, chunk: UsageChunk, provenance: Provenance, allow_empty: bool = False) -> Changes:
        """
        Replace ``chunk``'s rows, all of them or none; return what that changed.

        Unless ``allow_empty``, a response without records that would remove rows is a ``UsageDataError``.
        """
        counts, parts = RecordCounts(chunk), split_days(chunk)  # before others wait for the lock

        def replace(connection: Connection, loaded_at: datetime) -> Changes:
            return Load(connection, self.tables, chunk, provenance.at(loaded_at), allow_empty).run(counts, parts)

        return self.run_under_lock(
            chunk.account,
            provenance.x_conn_id,
            replace,
            lambda: f"Nothing of {chunk.window} was loaded; what was loaded before stays.",
        )

    def load_month(self, month: VendorMonth, provenance: Provenance, allow_empty: bool = False) -> None:
        """Replace the vendor's own figures of one month, all of them or none; ``allow_empty`` as in ``load``."""

        def replace(connection: Connection, loaded_at: datetime) -> None:
            replace_month(connection, self.tables.vendor_month, month, provenance.at(loaded_at), allow_empty)

        self.run_under_lock(
            month.account,
            provenance.x_conn_id,
            replace,
            lambda: f"The vendor's figures of {month.month:%Y-%m} were not loaded; the days stay.",
        )
