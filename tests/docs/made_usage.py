"""Two billing accounts with a restatement, a day that was never loaded, one loaded in part, and days without usage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timezone
from decimal import Decimal

from sqlalchemy import Table, create_engine, update
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.allocation.tables import make_allocation_tables
from datacoves_usage_provider.allocation.views import make_allocation_views
from datacoves_usage_provider.allocation.warehouse import AllocationWarehouse
from datacoves_usage_provider.chunk import BillingAccount, UsageChunk
from datacoves_usage_provider.cost.tables import make_cost_tables
from datacoves_usage_provider.cost.views import make_cost_views
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.warehouse.tables import Provenance, make_tables
from datacoves_usage_provider.warehouse.views import View, make_views
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import UsageWindow

TABLES = make_tables(None)
COST_TABLES = make_cost_tables(None)
ALLOCATION_TABLES = make_allocation_tables(None)
ALL_TABLES: tuple[Table, ...] = (*TABLES.all, *COST_TABLES.all, *ALLOCATION_TABLES.all)
ALL_VIEWS: tuple[View, ...] = (
    *make_views(TABLES),
    *make_cost_views(TABLES, COST_TABLES),
    *make_allocation_views(ALLOCATION_TABLES.allocation),
)
_KEY = ("service_provider_name", "billing_account_id", "sub_account_id", "service_name", "resource_id", "sku_meter")
VIEW_KEYS = {
    "usage_monthly": {*_KEY, "billing_period_start", "consumed_unit", "billing_currency"},
    "usage_jump": {*_KEY, "charge_period_start"} - {"resource_id"},
    "usage_cost_daily": {*_KEY, "charge_period_start"},
    "usage_cost_monthly": {*_KEY, "billing_period_start", "consumed_unit", "billing_currency", "x_line"},
    "usage_cost_by_dag": {*_KEY, "charge_period_start", "allocated_resource_id"} - {"resource_id"},
}
"""The columns of each view that tell its rows apart."""
ANALYTICS = ("acme", "datacoves_billing_default")
SECOND = ("second", "datacoves_second")

Minutes = Mapping[tuple[str, str, str], int]
"""By (day, environment, service)."""


def make_usage(uri: str) -> None:
    """Create the tables and fill them; the loads are of 4 to 7 November 2026, the days of 26 October to 5 November."""
    engine = create_engine(uri, poolclass=NullPool)
    AllocationWarehouse(engine, None, "usage_warehouse").prepare()
    october = [f"2026-10-{day}" for day in range(26, 32)]
    first = {
        **{(day, "abc123", "airflow"): 100 for day in (*october, "2026-11-01", "2026-11-02")},
        **{(day, "my-env", "airflow"): 10 for day in (*october, "2026-11-02")},
    }
    load(engine, ANALYTICS, "2026-11-04 03:00", ("2026-10-26", "2026-11-03"), first)
    for hour, minutes in ((12, 80), (15, 90)):
        restated = {("2026-10-26", "abc123", "airflow"): minutes, ("2026-10-26", "my-env", "airflow"): 10}
        load(engine, ANALYTICS, f"2026-11-04 {hour}:00", ("2026-10-26", "2026-10-27"), restated)
    jump = {("2026-11-03", "abc123", "airflow"): 400, ("2026-11-03", "my-env", "airflow"): 0}
    load(engine, ANALYTICS, "2026-11-05 03:00", ("2026-11-03", "2026-11-04"), jump)
    load(engine, SECOND, "2026-11-05 04:00", ("2026-11-02", "2026-11-03"), {("2026-11-02", "xyz789", "airflow"): 1})
    restated = {("2026-11-02", "abc123", "airflow"): 120, ("2026-11-02", "abc123", "unknown"): 5}
    load(engine, ANALYTICS, "2026-11-06 03:00", ("2026-11-02", "2026-11-03"), restated)
    part = {("2026-11-05", "abc123", "airflow"): 20}
    load(engine, ANALYTICS, "2026-11-07 03:00", ("2026-11-05", "2026-11-06"), part, only=("abc123",))


def load(
    engine: Engine,
    account: tuple[str, str],
    at: str,
    days: tuple[str, str],
    minutes: Minutes,
    only: tuple[str, ...] = (),
) -> None:
    """Load ``minutes`` of ``days`` (end exclusive), and have the rows say that it was ``at`` that minute (UTC)."""
    provenance = Provenance(account[1], "datacoves_usage_daily", f"scheduled__{at}")
    Warehouse(engine, None, "usage_warehouse").load(make_chunk(account[0], days, minutes, only), provenance)
    moment = datetime.fromisoformat(at).replace(tzinfo=timezone.utc)
    with engine.begin() as connection:
        for table in (TABLES.daily, TABLES.revision, TABLES.load_log):
            connection.execute(update(table).where(table.c.x_run_id == provenance.x_run_id).values(x_loaded_at=moment))


def make_chunk(account: str, days: tuple[str, str], minutes: Minutes, only: tuple[str, ...] = ()) -> UsageChunk:
    window = UsageWindow(*map(date.fromisoformat, days))
    billed = BillingAccount("Datacoves", account)
    return UsageChunk(billed, window, window.days, Scope(only or None), tuple(_make_records(minutes)), 2, 0)


def _make_records(minutes: Minutes) -> Iterable[UsageRecord]:
    for (day, environment, service), quantity in minutes.items():
        yield UsageRecord(
            sub_account_id=environment,
            service_name=service,
            meter=Meter("Worker Minutes", "Minutes"),
            charge_period_start=date.fromisoformat(day),
            consumed_quantity=Decimal(quantity),
        )
