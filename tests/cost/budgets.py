"""Usage, budgets and checks as tests make them: Datacoves account ``a``, loaded whole, 100 minutes a day and more."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from sqlalchemy import create_engine, insert
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.cost.budget_check import BudgetCheck
from datacoves_usage_provider.cost.warehouse import CostWarehouse
from datacoves_usage_provider.warehouse.dialects import find_database

DAY = timedelta(days=1)
NOV_18 = date(2026, 11, 18)
LOADED_AT = datetime(2026, 11, 19, tzinfo=timezone.utc)
MINUTES = ("Worker Minutes", "Minutes")


def open_warehouse(uri: str) -> CostWarehouse:
    """Return the warehouse as ``CostWarehouse.connect`` does, without Airflow."""
    engine = create_engine(uri, poolclass=NullPool)
    find_database(engine.dialect).prepare_for_loads(engine)
    return CostWarehouse(engine, None, "warehouse")


class Books:
    """What a test writes into a warehouse with all tables and views, and reads of it."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.warehouse = open_warehouse(database.uri)
        self.warehouse.prepare()

    def add(self, table: Any, rows: Iterable[Mapping[str, Any]]) -> None:
        self.warehouse.run_in_transaction(
            lambda connection: connection.execute(insert(table).values([dict(row) for row in rows])), lambda: ""
        )

    def load(self, days: Iterable[date], account: str = "a", **columns: Any) -> None:
        row = {
            **_account(account),
            "sub_account_id": "*",
            "service_name": "*",
            "resource_id": "*",
            "x_records": 0,
            "x_conn_id": "c",
            **_run(),
            **columns,
        }
        self.add(self.warehouse.tables.load_log, [row | {"charge_period_start": day} for day in days])

    def use(
        self,
        days: Iterable[date],
        quantity: Any = 100,
        *,
        account: str = "a",
        sub_account: str = "abc123",
        meter: tuple[str, str] = MINUTES,
        **columns: Any,
    ) -> None:
        row = {
            **_account(account),
            "sub_account_id": sub_account,
            "service_name": "airflow",
            "resource_id": "",
            "sku_meter": meter[0],
            "consumed_unit": meter[1],
            "consumed_quantity": Decimal(quantity),
            "x_is_additive": True,
            "effective_cost": None,
            "billing_currency": None,
            "x_conn_id": "c",
            **_run(),
            **columns,
        }
        rows = [row | {"charge_period_start": day, "billing_period_start": day.replace(day=1)} for day in days]
        self.add(self.warehouse.tables.daily, rows)

    def budget(self, name: str = "production", amount: Any = 2000, unit: str = "Minutes", **columns: Any) -> None:
        nothing = dict.fromkeys(column.name for column in self.warehouse.cost_tables.budget.columns)
        row = {"x_budget_name": name, "service_provider_name": "Datacoves", "x_amount": Decimal(amount), "x_unit": unit}
        self.add(self.warehouse.cost_tables.budget, [nothing | row | columns])

    def rate(self, price: Any, **columns: Any) -> None:
        nothing = dict.fromkeys(column.name for column in self.warehouse.cost_tables.rate.columns)
        row = {
            "service_provider_name": "Datacoves",
            "sku_meter": MINUTES[0],
            "pricing_unit": MINUTES[1],
            "contracted_unit_price": Decimal(price),
            "billing_currency": "EUR",
            "sku_price_effective_start": date(2026, 1, 1),
        }
        self.add(self.warehouse.cost_tables.rate, [nothing | row | columns])

    def check(
        self,
        as_of: date = NOV_18,
        *names: str,
        notify: Callable[[Mapping[str, str]], None] = lambda _: None,
        log: logging.Logger = logging.getLogger("checks"),  # noqa: B008 - always the same one
    ) -> dict[str, Any]:
        """Check as a task does, in a session of its own."""
        run = {"x_dag_id": "a_dag", "x_run_id": "a_run"}
        return BudgetCheck(open_warehouse(self.database.uri), as_of, run, notify, log).check(names or None)

    def read_alerts(self) -> list[tuple[Any, ...]]:
        return self.database.query("SELECT x_budget_name, x_rule FROM usage_alert ORDER BY 1, 2")


def back_from(last: date, count: int = 140) -> list[date]:
    return [last - DAY * number for number in range(count)]


def _account(name: str) -> dict[str, str]:
    return {"service_provider_name": "Datacoves", "billing_account_id": name}


def _run() -> dict[str, Any]:
    return {"x_dag_id": "a_dag", "x_run_id": "a_run", "x_loaded_at": LOADED_AT}
