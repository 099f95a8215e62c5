"""How much longer it takes to restate all rows of a chunk than to load them first, in one process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO
from statistics import median
from time import perf_counter

import psycopg2
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from benchmarks.databases import WITH_TABLES
from benchmarks.measuring import START, Bench
from benchmarks.source import SERVICES, days_from
from datacoves_usage_provider.chunk import BillingAccount, UsageChunk
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import UsageWindow

_DAYS = 31
_ACCOUNT = BillingAccount("Datacoves", "restating")
_METER = Meter("Worker Minutes", "Minutes")

BARE = "PostgreSQL alone"
"""Its fastest statements for the same: no row is read, compared or joined."""
_BARE_RESTATEMENT = """
    UPDATE usage_daily SET consumed_quantity = consumed_quantity + 1;
    INSERT INTO usage_revision
    SELECT service_provider_name, billing_account_id, sub_account_id, service_name, resource_id, sku_meter,
        charge_period_start, consumed_quantity - 1, consumed_quantity, NULL, NULL, NULL, NULL,
        x_conn_id, x_dag_id, x_run_id, x_loaded_at
    FROM usage_daily;
"""


def measure_restating(bench: Bench, drivers: Sequence[str], environments: int) -> dict[str, float]:
    """Return by driver, and for ``BARE``, the median of seconds to restate a month, in times of its first load's."""
    ways: dict[str, Callable[[str], float]] = {
        **{driver: partial(_compare, driver, environments) for driver in drivers},
        BARE: partial(_compare_bare, environments),
    }
    ratios: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(bench.runs):
        for way, compare in ways.items():
            name = bench.databases.copy(WITH_TABLES)
            ratios[way].append(compare(bench.databases.get_uri(name)))
            bench.databases.drop(name)
    return {way: median(found) for way, found in ratios.items()}


def _compare(driver: str, environments: int, uri: str) -> float:
    warehouse = _open(uri, driver)
    first, restated = (_load(warehouse, environments, more) for more in (0, 1))
    return restated / first


def _compare_bare(environments: int, uri: str) -> float:
    _load(_open(uri, "psycopg2"), environments, 0)
    with closing(psycopg2.connect(uri)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.copy_expert("COPY usage_daily TO STDOUT", rows := BytesIO())
        cursor.execute("TRUNCATE usage_daily")
        rows.seek(0)
        began = perf_counter()
        cursor.copy_expert("COPY usage_daily FROM STDIN", rows)
        copied = perf_counter()
        cursor.execute(_BARE_RESTATEMENT)
        return (perf_counter() - copied) / (copied - began)


def _open(uri: str, driver: str) -> Warehouse:
    engine = create_engine(uri.replace("postgresql:", f"postgresql+{driver}:"), poolclass=NullPool)
    find_database(engine.dialect).prepare_for_loads(engine)
    return Warehouse(engine, None, WITH_TABLES)


def _load(warehouse: Warehouse, environments: int, more: int) -> float:
    """Return the seconds of one load; ``more``: minutes more than at first for each record."""
    window = UsageWindow(START, START + timedelta(days=_DAYS))
    chunk = UsageChunk(_ACCOUNT, window, window.days, Scope(), _make_records(environments, more), 1, 0)
    began = perf_counter()
    warehouse.load(chunk, Provenance("restating", "restating", "restating"))
    return perf_counter() - began


def _make_records(environments: int, more: int) -> tuple[UsageRecord, ...]:
    return tuple(
        UsageRecord(
            sub_account_id=f"env{number:04}",
            service_name=service,
            meter=_METER,
            charge_period_start=day,
            consumed_quantity=Decimal((number * 7919 + day.day) % 1440 + more),
        )
        for day in days_from(START, _DAYS)
        for number in range(environments)
        for service in SERVICES
    )
