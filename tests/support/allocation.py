"""An Airflow's tables beside the warehouse, bills in it, and the operator as a task runs it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import UsageWindow
from tests.support.metadata import Metadata
from tests.support.warehouse import WarehouseDatabase

Bills = Mapping[tuple[str, str], Any]
"""Minutes by day and service."""


@pytest.fixture
def make_metadata(warehouse: WarehouseDatabase) -> Callable[[str], Metadata]:
    return lambda shape: Metadata(warehouse, shape)


@pytest.fixture
def bill(warehouse: WarehouseDatabase) -> Callable[..., None]:
    """Load minutes of an environment, as collecting does; a day that is named without minutes has none."""

    def load(bills: Bills, environment: str = "abc123", account: str = "acme") -> None:
        days = sorted({date.fromisoformat(day) for day, _ in bills})
        records = tuple(
            UsageRecord(
                sub_account_id=environment,
                service_name=service,
                meter=Meter("Worker Minutes", "Minutes"),
                charge_period_start=date.fromisoformat(day),
                consumed_quantity=Decimal(minutes),
            )
            for (day, service), minutes in bills.items()
            if minutes is not None
        )
        window = UsageWindow(days[0], days[-1] + timedelta(days=1))
        billed = BillingAccount("Datacoves", account)
        chunk = UsageChunk(billed, window, tuple(days), Scope((environment,)), records, 1, 0)
        database = Warehouse.connect(warehouse.conn_id, None)
        database.prepare()
        database.load(chunk, Provenance(f"{account}_conn", "a_dag", "a_run"), allow_empty=True)

    return load


_runs = itertools.count()


@pytest.fixture
def allocate(warehouse: WarehouseDatabase) -> Callable[..., dict[str, Any]]:
    """Execute the operator as a task of a run after ``run_after``; by default it allocates 4 November alone."""
    from datacoves_usage_provider.operators.allocation import AllocateUsageOperator

    def run(run_after: str = "2026-11-05", **arguments: Any) -> dict[str, Any]:
        defaults = {
            "task_id": "allocate",
            "sub_account_id": "abc123",
            "airflow_conn_id": warehouse.conn_id,
            "lookback_days": 0,
            "catch_up_days": 0,
        }
        operator = AllocateUsageOperator(**(defaults | arguments))
        dag_run = SimpleNamespace(
            dag_id="usage_allocation_daily",
            run_id=f"run_{next(_runs)}",
            run_after=datetime.fromisoformat(run_after).replace(tzinfo=timezone.utc),
        )
        return operator.execute({"dag_run": dag_run})

    return run
