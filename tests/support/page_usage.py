"""A warehouse with half a year of usage, costs, budgets and DAGs: what a page and a report have to show."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from sqlalchemy import create_engine, insert
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.allocation.warehouse import AllocationWarehouse
from datacoves_usage_provider.chunk import BillingAccount, UsageChunk
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import UsageWindow

DAYS = 170
DATACOVES = BillingAccount("Datacoves", "analytics")
B3OS = BillingAccount("B3OS", "shop")
MINUTES = Meter("Worker Minutes", "Minutes")
UNITS = Meter("Compute Units", "Compute Units", is_whole=False)
ENVIRONMENTS = {"prod01": ("Production", 900), "dev123": ("Development", 300), "qa4567": ("Test & <QA>", 200)}
SERVICES = {"airflow": 1.0, "airbyte": 0.3}
PRODUCTION = ("prod01", "airflow")
DAG_SHARES = (25, 18, 12, 9, 7, 5, 4, 3, 3, 2, 1, 1)
HOLE = 20
"""So many days before today nothing was loaded."""
ZERO = 13
"""So many days before today nothing was used."""
CORRECTED = 8
"""So many days before today the vendor added two hours afterwards."""


class PageUsage:
    """Fills the tables of one warehouse; the same day and seed give the same numbers."""

    def __init__(self, uri: str, today: date, seed: int = 4) -> None:
        self.engine: Engine = create_engine(uri, poolclass=NullPool)
        self.warehouse = AllocationWarehouse(self.engine, None, "usage_warehouse")
        self.warehouse.prepare()
        self.today = today
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._records = {day: list(self._make_minutes(day)) for day in self.days}

    @property
    def days(self) -> list[date]:
        return [self.today - timedelta(days=ago) for ago in range(DAYS, 0, -1) if ago != HOLE]

    def fill(self) -> None:
        """Load the days around the hole, correct one, and set prices, a budget and its status."""
        hole = self.today - timedelta(days=HOLE)
        self.load(DATACOVES, [day for day in self.days if day < hole], self._records)
        self.load(DATACOVES, [day for day in self.days if day > hole], self._records)
        corrected = self.today - timedelta(days=CORRECTED)
        first, *others = self._records[corrected]
        restated = make_minutes(first.sub_account_id, first.service_name, corrected, first.consumed_quantity + 120)
        self._records[corrected] = [restated, *others]
        self.load(DATACOVES, [corrected], self._records)
        self.load(B3OS, self.days[-60:], {day: list(self._make_units(day)) for day in self.days[-60:]})
        self._set_prices()
        self._set_budget()
        self._allocate()

    def load(self, account: BillingAccount, days: list[date], records: dict[date, list[UsageRecord]]) -> None:
        window = UsageWindow(days[0], days[-1] + timedelta(days=1))
        loaded = tuple(record for day in days for record in records[day])
        chunk = UsageChunk(account, window, tuple(days), Scope(), loaded, 1, 0)
        provenance = Provenance(f"{account.service_provider_name.lower()}_default", "usage_daily", "manual")
        Warehouse(self.engine, None, "usage_warehouse").load(chunk, provenance)

    def _make_minutes(self, day: date) -> Iterator[UsageRecord]:
        ago = (self.today - day).days
        for environment, (_, base) in ENVIRONMENTS.items():
            for service, share in SERVICES.items():
                minutes = base * share * (0.3 if day.weekday() > 4 else 1) * self._random.uniform(0.8, 1.2)
                jump = 1000 if (ago, environment, service) == (1, "qa4567", "airflow") else 0
                yield make_minutes(environment, service, day, Decimal(0 if ago == ZERO else int(minutes) + jump))

    def _make_units(self, day: date) -> Iterator[UsageRecord]:
        for number in range(3):
            yield UsageRecord(
                sub_account_id="org_shop",
                service_name="Workflows",
                resource_id=f"flow{number}",
                meter=UNITS,
                charge_period_start=day,
                consumed_quantity=Decimal(self._random.randrange(10**6, 10**8)).scaleb(-6),
            )

    def _set_prices(self) -> None:
        rate = {
            "service_provider_name": "Datacoves",
            "billing_account_id": "analytics",
            "sku_meter": MINUTES.name,
            "pricing_unit": MINUTES.unit,
            "contracted_unit_price": Decimal("0.0123"),
            "billing_currency": "USD",
            "sku_price_effective_start": date(2020, 1, 1),
            "x_fixed_cost": Decimal("99.50"),
        }
        with self.engine.begin() as connection:
            connection.execute(insert(self.warehouse.cost_tables.rate), [rate])

    def _allocate(self) -> None:
        """Split the Airflow minutes of production over twelve DAGs; a tenth of them is unattributed."""
        table = self.warehouse.allocation_tables.allocation
        rows = [row for day in self.days[-100:] for row in self._split(day)]
        with self.engine.begin() as connection:
            connection.execute(insert(table), rows)

    def _split(self, day: date) -> Iterator[dict[str, object]]:
        (bill,) = (each for each in self._records[day] if (each.sub_account_id, each.service_name) == PRODUCTION)
        shares = [bill.consumed_quantity * share // 100 for share in DAG_SHARES]
        yield self._make_share(bill, "", bill.consumed_quantity - sum(shares), None)
        for number, share in enumerate(shares):
            yield self._make_share(bill, f"load_orders_{number:02}", share, share // 4)

    def _make_share(
        self, bill: UsageRecord, dag_id: str, quantity: Decimal, startup: Decimal | None
    ) -> dict[str, object]:
        return {
            **DATACOVES._asdict(),
            "sub_account_id": bill.sub_account_id,
            "service_name": bill.service_name,
            "sku_meter": MINUTES.name,
            "billing_period_start": bill.charge_period_start.replace(day=1),
            "charge_period_start": bill.charge_period_start,
            "allocated_resource_id": dag_id,
            "x_owners": "data" if dag_id else "",
            "x_team": "core" if dag_id else "",
            "allocated_tags": "{}",
            "allocated_method_id": "execution-plus-startup-v1",
            "consumed_quantity": quantity,
            "consumed_unit": MINUTES.unit,
            "x_execution_quantity": None if startup is None else quantity - startup,
            "x_startup_quantity": startup,
            "x_pods": 3 if dag_id else 0,
            "x_conn_id": "airflow_db",
            "x_dag_id": "usage_allocation_daily",
            "x_run_id": "manual",
            "x_loaded_at": datetime.combine(bill.charge_period_start, time(12), timezone.utc),
        }

    def _set_budget(self) -> None:
        as_of = self.today - timedelta(days=1)
        status = {
            "x_budget_name": "Worker minutes of the team",
            "billing_period_start": as_of.replace(day=1),
            "x_as_of": as_of,
            "x_amount": Decimal(30000),
            "x_unit": "Minutes",
            "x_used": Decimal(24123),
            "x_forecast": Decimal(34010),
            "x_forecast_low": Decimal(31000),
            "x_forecast_high": Decimal(36000),
            "x_days_loaded": 20,
            "x_days_missing": 1,
            "x_unpriced_rows": 0,
            "x_exceeds_on": as_of + timedelta(days=2),
        }
        noon = datetime.combine(as_of, time(12), timezone.utc)
        made_by = {"x_dag_id": "usage_budgets_daily", "x_run_id": "manual", "x_loaded_at": noon}
        budget = {name: status[name] for name in ("x_budget_name", "x_amount", "x_unit")}
        with self.engine.begin() as connection:
            connection.execute(insert(self.warehouse.cost_tables.budget), [budget])
            connection.execute(insert(self.warehouse.cost_tables.budget_status), [status | made_by])


def make_minutes(environment: str, service: str, day: date, minutes: Decimal) -> UsageRecord:
    return UsageRecord(
        sub_account_id=environment,
        sub_account_name=ENVIRONMENTS[environment][0],
        service_name=service,
        meter=MINUTES,
        charge_period_start=day,
        consumed_quantity=minutes,
    )
