"""What usage costs, computed in plain Python: what the views must agree with, whatever the rates are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timezone
from decimal import Context, Decimal
from typing import Any, NamedTuple

from sqlalchemy import create_engine, delete, insert
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.cost.tables import make_cost_tables
from datacoves_usage_provider.cost.warehouse import CostWarehouse
from datacoves_usage_provider.warehouse.tables import make_tables

DIGITS = Context(prec=200)
ONE = Decimal(1)
_MOMENT = datetime(2026, 12, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Used:
    """A row of ``usage_daily``."""

    charge_period_start: date
    consumed_quantity: Decimal
    billing_account_id: str = "a"
    service_name: str = "airflow"
    sku_meter: str = "Worker Minutes"
    effective_cost: Decimal | None = None
    billing_currency: str | None = None
    x_is_additive: bool = True
    consumed_unit: str = "Minutes"
    sub_account_id: str = "abc123"
    service_provider_name: str = "Datacoves"

    @property
    def month(self) -> date:
        return self.charge_period_start.replace(day=1)


@dataclass(frozen=True)
class Rate:
    """A row of ``usage_rate``."""

    contracted_unit_price: Decimal | None
    sku_price_effective_start: date = date(2026, 1, 1)
    sku_price_effective_end: date | None = None
    billing_account_id: str | None = None
    service_name: str | None = None
    x_pricing_quantity: Decimal | None = None
    billing_currency: str = "EUR"
    x_included_quantity: Decimal | None = None
    x_fixed_cost: Decimal | None = None
    sku_meter: str = "Worker Minutes"
    pricing_unit: str = "Minutes"
    service_provider_name: str = "Datacoves"

    def prices(self, used: Used) -> bool:
        return (
            used.x_is_additive
            and used.effective_cost is None
            and self.contracted_unit_price is not None
            and self.service_provider_name == used.service_provider_name
            and self.sku_meter == used.sku_meter
            and self.pricing_unit == used.consumed_unit
            and self.billing_account_id in (None, "*", used.billing_account_id)
            and self.service_name in (None, "*", used.service_name)
            and self.is_effective(used.charge_period_start)
        )

    def is_effective(self, day: date) -> bool:
        end = self.sku_price_effective_end
        return self.sku_price_effective_start <= day and (end is None or day < end)

    def get_cost(self, quantity: Decimal) -> Decimal:
        assert self.contracted_unit_price is not None
        product = DIGITS.multiply(quantity, self.contracted_unit_price)
        return DIGITS.divide(product, self.x_pricing_quantity or ONE)

    @property
    def rank(self) -> tuple[bool, bool, date]:
        """The largest is chosen."""
        named = [name not in (None, "*") for name in (self.billing_account_id, self.service_name)]
        return (*named, self.sku_price_effective_start)


class Cost(NamedTuple):
    cost: Decimal | None
    currency: str | None
    source: str
    rate: Rate | None


class Line(NamedTuple):
    """A row of ``usage_cost_monthly``."""

    billing_account_id: str
    sub_account_id: str
    service_name: str
    sku_meter: str
    billing_period_start: date
    consumed_unit: str
    billing_currency: str | None
    x_line: str
    consumed_quantity: Decimal | None
    effective_cost: Decimal | None
    x_unpriced_rows: int
    x_days: int


def find_cost(used: Used, rates: Iterable[Rate]) -> Cost:
    if used.effective_cost is not None:
        return Cost(used.effective_cost, used.billing_currency, "vendor", None)
    fitting = [rate for rate in rates if rate.prices(used)]
    if not fitting:
        return Cost(None, None, "unpriced", None)
    rate = max(fitting, key=lambda one: one.rank)
    return Cost(rate.get_cost(used.consumed_quantity), rate.billing_currency, "rate", rate)


def add_up(rows: Sequence[Used], rates: Sequence[Rate]) -> list[Line]:
    return [*_add_usage(rows, rates), *_add_included(rows, rates), *_add_fixed(rows, rates)]


def _add_usage(rows: Sequence[Used], rates: Sequence[Rate]) -> Iterable[Line]:
    groups = defaultdict(list)
    for row in rows:
        if row.x_is_additive:
            found = find_cost(row, rates)
            key = (row.billing_account_id, row.sub_account_id, row.service_name, row.sku_meter, row.month)
            groups[(*key, row.consumed_unit, found.currency)].append((row, found))
    for key, group in groups.items():
        costs = [found.cost for _, found in group if found.cost is not None]
        quantity = _sum(row.consumed_quantity for row, _ in group)
        days = len({row.charge_period_start for row, _ in group})
        yield Line(*key, "usage", quantity, _sum(costs) if costs else None, len(group) - len(costs), days)


def _add_included(rows: Sequence[Used], rates: Sequence[Rate]) -> Iterable[Line]:
    groups = defaultdict(list)
    for row in rows:
        rate = find_cost(row, rates).rate
        if rate is not None and rate.x_included_quantity is not None:
            groups[rate, row.billing_account_id, row.month].append(row)
    for (rate, account, month), group in groups.items():
        taken = min(_sum(row.consumed_quantity for row in group), rate.x_included_quantity)
        service = rate.service_name or "*"
        days = len({row.charge_period_start for row in group})
        key = (account, "", service, rate.sku_meter, month, rate.pricing_unit, rate.billing_currency)
        yield Line(*key, "included", _negate(taken), _negate(rate.get_cost(taken)), 0, days)


def _add_fixed(rows: Sequence[Used], rates: Sequence[Rate]) -> Iterable[Line]:
    days = defaultdict(set)
    for row in rows:
        days[row.billing_account_id, row.month].add(row.charge_period_start)
    for (account, month), found in days.items():
        latest: dict[tuple[str, str], Rate] = {}
        for rate in sorted(rates, key=lambda one: one.rank):
            if rate.x_fixed_cost is not None and rate.billing_account_id == account and rate.is_effective(month):
                latest[rate.service_name or "*", rate.sku_meter] = rate
        for (service, _), rate in latest.items():
            key = (account, "", service, "", month, "", rate.billing_currency)
            yield Line(*key, "fixed", None, rate.x_fixed_cost, 0, len(found))


def _negate(number: Decimal) -> Decimal:
    return DIGITS.subtract(Decimal(0), number)


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for number in numbers:
        total = DIGITS.add(total, number)
    return total


def write(warehouse: Any, rows: Sequence[Used], rates: Sequence[Rate]) -> None:
    """Let the tables have these rows and no others."""
    engine = create_engine(warehouse.uri, poolclass=NullPool)
    daily, rate = make_tables(None).daily, make_cost_tables(None).rate
    provenance = {"x_conn_id": "", "x_dag_id": "", "x_run_id": "", "x_loaded_at": _MOMENT}
    with engine.begin() as connection:
        for table in (daily, rate):
            connection.execute(delete(table))
        for row in rows:
            values = {**asdict(row), "resource_id": "", "billing_period_start": row.month, **provenance}
            connection.execute(insert(daily), values)
        for one in rates:
            connection.execute(insert(rate), asdict(one))


def prepare(warehouse: Any) -> None:
    CostWarehouse.connect(warehouse.conn_id, None).prepare()
