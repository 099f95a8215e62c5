"""How much longer it takes to restate all rows of a chunk than to load them first, in one process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from statistics import median
from time import perf_counter

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


def measure_restating(bench: Bench, drivers: Sequence[str], environments: int) -> dict[str, float]:
    """Return by driver the median of seconds to restate a month's rows, in times of their first load's."""
    ratios: dict[str, list[float]] = {driver: [] for driver in drivers}
    for _ in range(bench.runs):
        for driver in drivers:
            name = bench.databases.copy(WITH_TABLES)
            warehouse = _open(bench.databases.get_uri(name), driver)
            first, restated = (_load(warehouse, environments, more) for more in (0, 1))
            ratios[driver].append(restated / first)
            bench.databases.drop(name)
    return {driver: median(found) for driver, found in ratios.items()}


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
