"""What the warehouse says about the days of a report, before anything is compared or added up any further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.cost.cells import is_currency
from datacoves_usage_provider.report.coverage import Coverage


class ShownMeter(NamedTuple):
    name: str
    unit: str


class CellSums(NamedTuple):
    """
    What one sub account used of one service by one meter, by span.

    ``month``: up to the last day; ``now`` and ``before``: the days that both months have loaded; ``last``: the last
    loaded day; ``usual``: the same weekday in the four weeks before it, all together.
    """

    sub_account_id: str
    service_name: str
    meter: ShownMeter
    sub_account_name: str | None
    shares_its_name: bool
    month: Decimal
    now: Decimal
    before: Decimal
    last: Decimal
    usual: Decimal

    @property
    def label(self) -> str:
        if self.sub_account_name and self.shares_its_name:
            return f"{self.sub_account_name} ({self.sub_account_id})"
        return self.sub_account_name or self.sub_account_id


class Correction(NamedTuple):
    """What one day said before and after the loads that corrected it; the rest of the day is not in these numbers."""

    meter_name: str
    day: date
    before: Decimal
    after: Decimal
    at: datetime


class CostLine(NamedTuple):
    """The cost of a month; ``line`` is ``usage``, ``included`` or ``fixed``, ``cost`` None where all is unpriced."""

    sub_account_id: str
    service_name: str
    meter: ShownMeter
    currency: str | None
    line: str
    quantity: Decimal | None
    cost: Decimal | None
    unpriced_rows: int


class DagUsage(NamedTuple):
    """
    What one DAG used in the month; an empty ``dag_id`` is what no DAG explains.

    ``unpriced_rows`` are those of ``usage_cost_by_dag``, one for each day with usage.
    """

    sub_account_id: str
    service_name: str
    meter: ShownMeter
    dag_id: str
    currency: str | None
    team: str
    owners: str
    quantity: Decimal
    cost: Decimal | None
    unpriced_rows: int


class BudgetCheck(NamedTuple):
    """The last check of one budget in the month; a row of ``usage_budget_status``."""

    name: str
    as_of: date
    amount: Decimal
    unit: str
    used: Decimal | None
    forecast: Decimal | None
    forecast_low: Decimal | None
    forecast_high: Decimal | None
    days_missing: int
    unpriced_rows: int
    exceeds_on: date | None

    @property
    def is_of_money(self) -> bool:
        return is_currency(self.unit)


class Alert(NamedTuple):
    """What one check said of one budget, and the rules that it fired by."""

    as_of: date
    rules: Sequence[str]
    text: str


@dataclass(frozen=True)
class Spans:
    """
    The days that are compared, all of them loaded.

    ``pairs``: days of the month with the same days of the month before; ``last``: the last loaded day; ``usual``: the
    same weekday in the four weeks before it.
    """

    pairs: Sequence[tuple[date, date]]
    last: date | None
    usual: Sequence[date]


@dataclass(frozen=True)
class AccountReadings:
    """One account. ``days`` has the sum of each day that has rows, ``parts`` that of the largest sub accounts."""

    account: BillingAccount
    coverage: Coverage
    spans: Spans
    days: Mapping[ShownMeter, Mapping[date, Decimal]]
    not_additive: frozenset[ShownMeter]
    cells: Sequence[CellSums]
    largest: Sequence[str]
    parts: Mapping[ShownMeter, Mapping[date, Mapping[tuple[str, str], Decimal]]]
    corrections: Sequence[Correction]
    months: Mapping[ShownMeter, Mapping[date, Decimal]]
    costs: Sequence[CostLine] | None
    dags: Sequence[DagUsage] = ()


class AccountRow(NamedTuple):
    """One account in the list of all: its month by meter, and the lines of its cost (None: there are no prices)."""

    account: BillingAccount
    last_day: date | None
    quantities: Mapping[ShownMeter, Decimal]
    costs: Sequence[CostLine] | None


@dataclass(frozen=True)
class Readings:
    """``read`` are the accounts in full, ``accounts`` the list of all; ``sources`` the tables and views behind them."""

    accounts: Sequence[AccountRow]
    read: Sequence[AccountReadings]
    budgets: Sequence[BudgetCheck] = ()
    alerts: Sequence[Alert] = ()
    sources: Sequence[str] = ()


@dataclass(frozen=True)
class DagDay:
    quantity: Decimal
    startup: Decimal | None
    pods: int | None
    costs: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class DagReadings:
    """One DAG in one environment: its days, and what the environment's service ``airflow`` used on allocated days."""

    dag_id: str
    account: BillingAccount
    sub_account_id: str
    unit: str
    days: Mapping[date, DagDay]
    environment: Mapping[date, Decimal]
