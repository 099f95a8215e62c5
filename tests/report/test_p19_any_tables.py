"""P19: whatever is in the tables, page, CSV and XCom have the numbers of the views to the last digit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, insert
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.allocation.warehouse import AllocationWarehouse
from datacoves_usage_provider.report import dag_rows, html
from datacoves_usage_provider.report.csv_files import write_csv_files
from datacoves_usage_provider.report.money import Money, find_places
from datacoves_usage_provider.report.period import make_page_period
from datacoves_usage_provider.report.reading import read_usage
from datacoves_usage_provider.report.readings import Readings
from datacoves_usage_provider.report.summary import AccountSummary, summarize
from datacoves_usage_provider.report.totals import make_totals
from datacoves_usage_provider.warehouse.reader import WarehouseReader
from tests.report.conftest import TODAY
from tests.support.costs import DIGITS, Rate, Used, write

PERIOD = make_page_period(TODAY, 31)
OF_MONTH = "billing_period_start = '2026-11-01'"
DAYS = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 20), date(2026, 11, 27)]
# SQLite has doubles, which are exact only for numbers as short as these.
NUMBERS = {
    "sqlite": ["0", "1", "120", "60.5", "1234567"],
    "postgresql": ["0", "1", "120", "0.1", "0.123456789012345678", "99999999.999999999999999999"],
}
NOON = datetime(2026, 11, 28, 12, tzinfo=timezone.utc)
MADE_BY = {"x_dag_id": "a_dag", "x_run_id": "a_run", "x_loaded_at": NOON}


class Check(NamedTuple):
    """A row of ``usage_budget_status``."""

    x_budget_name: str
    x_as_of: date
    x_amount: Decimal
    x_used: Decimal | None
    x_forecast: Decimal | None


class Share(NamedTuple):
    """Of which row of ``usage_daily`` one DAG has how much."""

    row: int
    dag_id: str
    quantity: Decimal


class Tables(NamedTuple):
    rows: list[Used]
    rates: list[Rate]
    loaded: list[tuple[str, date]]
    shares: list[Share]
    checks: list[Check]


def make_tables(dialect: str) -> st.SearchStrategy[Tables]:
    numbers = st.sampled_from(NUMBERS[dialect]).map(Decimal)
    names, days = st.sampled_from("ab"), st.sampled_from(DAYS)
    row = st.builds(
        Used,
        charge_period_start=days,
        consumed_quantity=numbers,
        billing_account_id=names,
        sub_account_id=st.sampled_from(["abc123", "def456"]),
        service_name=st.sampled_from(["airflow", "airbyte"]),
        effective_cost=st.sampled_from([None, None, Decimal("1.25")]),
        billing_currency=st.just("USD"),
    )
    rate = st.builds(
        Rate,
        contracted_unit_price=numbers,
        billing_account_id=st.sampled_from(["*", "a", "b"]),
        billing_currency=st.sampled_from(["EUR", "USD"]),
        x_included_quantity=st.none() | numbers,
        x_fixed_cost=st.none() | numbers,
    )
    share = st.builds(Share, st.integers(0, 3), st.sampled_from(["", "load", "train", "export", "clean"]), numbers)
    check = st.builds(Check, names, days, numbers, st.none() | numbers, st.none() | numbers)
    return st.builds(
        Tables,
        rows=st.lists(row, min_size=1, max_size=8, unique_by=_get_key),
        rates=st.lists(rate, max_size=3, unique_by=lambda rate: rate.billing_account_id),
        loaded=st.lists(st.tuples(names, days), min_size=1, unique=True),
        shares=st.lists(share, min_size=6, max_size=12, unique_by=lambda share: share[:2]),
        checks=st.lists(check, max_size=4, unique_by=lambda check: check[:2]),
    )


def _get_key(row: Used) -> tuple[Any, ...]:
    return row.charge_period_start, row.billing_account_id, row.sub_account_id, row.service_name


def fill(warehouse: Any, database: AllocationWarehouse, tables: Tables) -> None:
    """Let the tables have these rows and no others."""
    write(warehouse, tables.rows, tables.rates)
    loaded = [
        {"service_provider_name": "Datacoves", "billing_account_id": account, "charge_period_start": day}
        | dict.fromkeys(("sub_account_id", "service_name", "resource_id"), "*")
        | {"x_records": 0, "x_conn_id": "", **MADE_BY}
        for account, day in tables.loaded
    ]
    checks = [
        {**check._asdict(), "billing_period_start": check.x_as_of.replace(day=1), "x_unit": "Minutes", **MADE_BY}
        | {"x_days_loaded": 1, "x_days_missing": 2, "x_unpriced_rows": 3}
        for check in tables.checks
    ]
    accounts = [
        {"service_provider_name": "Datacoves", "billing_account_id": name, "x_conn_id": "", "x_loaded_at": NOON}
        for name in "ab"
    ]
    written = {
        database.tables.account: accounts,
        database.tables.load_log: loaded,
        database.cost_tables.budget: [{"x_budget_name": name, "x_amount": 1, "x_unit": "Minutes"} for name in "ab"],
        database.cost_tables.budget_status: checks,
        database.allocation_tables.allocation: list(_make_shares(tables)),
    }
    with create_engine(warehouse.uri, poolclass=NullPool).begin() as connection:
        for table, rows in written.items():
            connection.execute(delete(table))
            if rows:
                connection.execute(insert(table), rows)


_OF_BILL = (
    "service_provider_name",
    "billing_account_id",
    "sub_account_id",
    "service_name",
    "sku_meter",
    "charge_period_start",
)


def _make_shares(tables: Tables) -> Iterable[dict[str, Any]]:
    for share in tables.shares:
        if share.row < len(tables.rows):
            row = tables.rows[share.row]
            yield {
                **{
                    name: getattr(row, name) for name in ("service_provider_name", "billing_account_id", "service_name")
                },
                **{name: getattr(row, name) for name in ("sub_account_id", "sku_meter", "charge_period_start")},
                "billing_period_start": row.month,
                "allocated_resource_id": share.dag_id,
                "consumed_quantity": share.quantity,
                "consumed_unit": "Minutes",
                **dict.fromkeys(("x_owners", "x_team", "allocated_method_id", "x_conn_id"), ""),
                "allocated_tags": "{}",
                "x_pods": 1,
                **MADE_BY,
            }


class Sums:
    """What a view has of the month, by its columns ``keys``; a sum of nothing is None."""

    def __init__(self, warehouse: Any, view: str, keys: str, number: str, where: str = "1 = 1") -> None:
        self._tolerance = 0 if warehouse.dialect == "postgresql" else Decimal("1e-12")
        sql = f"SELECT {keys}, sum({number}) FROM {view} WHERE {OF_MONTH} AND {where} GROUP BY {keys}"
        self._sums = {tuple(key): Decimal(str(sum_)) for *key, sum_ in warehouse.query(sql) if sum_ is not None}

    def __eq__(self, found: object) -> bool:
        """Compare with sums by the same keys; zero and nothing are the same here."""
        assert isinstance(found, dict)
        keys = found.keys() | self._sums.keys()
        return all(self._is_near(found.get(key, Decimal(0)), self._sums.get(key, Decimal(0))) for key in keys)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._sums)

    def _is_near(self, one: Decimal, other: Decimal) -> bool:
        return DIGITS.subtract(one, other).copy_abs() <= self._tolerance * max(1, other.copy_abs())


def _add_up(found: Iterable[tuple[tuple[Any, ...], Decimal]]) -> dict[tuple[Any, ...], Decimal]:
    sums: dict[tuple[Any, ...], Decimal] = {}
    for key, number in found:
        sums[key] = DIGITS.add(sums.get(key, Decimal(0)), number)
    return sums


def _list_amounts(key: tuple[Any, ...], money: Money) -> Iterable[tuple[tuple[Any, ...], Decimal]]:
    return (((*key, currency), amount) for currency, amount in money.amounts)


def check_usage(warehouse: Any, summary: AccountSummary, of_account: str) -> None:
    rows = [row for meter in summary.meters for row in meter.rows]
    cells = "sub_account_id, service_name"
    quantities = {(row.label, row.service_name): row.quantity for row in rows}
    assert quantities == Sums(warehouse, "usage_monthly", cells, "consumed_quantity", of_account)
    months = {(meter.meter.name,): meter.so_far for meter in summary.meters}
    assert months == Sums(warehouse, "usage_monthly", "sku_meter", "consumed_quantity", of_account)
    used = f"{of_account} AND x_line = 'usage'"
    costs = _add_up(pair for row in rows for pair in _list_amounts((row.label, row.service_name), row.money))
    assert costs == Sums(warehouse, "usage_cost_monthly", f"{cells}, billing_currency", "effective_cost", used)


def check_costs(warehouse: Any, summary: AccountSummary, of_account: str) -> None:
    view = "usage_cost_monthly"
    amounts = _add_up(_list_amounts((), summary.money))
    assert amounts == Sums(warehouse, view, "billing_currency", "effective_cost", of_account)
    lines = _add_up(pair for line, money in summary.cost_lines for pair in _list_amounts((line,), money))
    assert lines == Sums(warehouse, view, "x_line, billing_currency", "effective_cost", of_account)
    unpriced = {(summary.account.billing_account_id,): Decimal(summary.money.unpriced_rows)}
    assert unpriced == Sums(warehouse, view, "billing_account_id", "x_unpriced_rows", of_account)


def check_dags(warehouse: Any, summary: AccountSummary, of_account: str) -> None:
    """The largest are as in the view, and all of them together, too."""
    view, rows = "usage_cost_by_dag", [row for meter in summary.meters for row in meter.dags]
    total = _add_up(((summary.account.billing_account_id,), row.quantity) for row in rows)
    assert total == Sums(warehouse, view, "billing_account_id", "consumed_quantity", of_account)
    costs = _add_up(pair for row in rows for pair in _list_amounts((), row.money))
    assert costs == Sums(warehouse, view, "billing_currency", "effective_cost", of_account)
    for row in (row for row in rows if row.dag_id):
        one = f"{of_account} AND sub_account_id = '{row.sub_account_id}' AND allocated_resource_id = '{row.dag_id}'"
        assert {(row.dag_id,): row.quantity} == Sums(warehouse, view, "allocated_resource_id", "consumed_quantity", one)
        amounts = _add_up(_list_amounts((), row.money))
        assert amounts == Sums(warehouse, view, "billing_currency", "effective_cost", one)


def check_budgets(warehouse: Any, readings: Readings) -> None:
    last = "x_as_of = (SELECT max(x_as_of) FROM usage_budget_status AS o WHERE o.x_budget_name = s.x_budget_name)"
    for column in ("used", "amount", "forecast"):
        found = {(check.name,): getattr(check, column) or Decimal(0) for check in readings.budgets}
        assert found == Sums(warehouse, "usage_budget_status AS s", "x_budget_name", f"x_{column}", last)


def check_files(warehouse: Any, readings: Readings) -> None:
    files = {
        name: list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        for name, content in write_csv_files(readings, PERIOD).items()
    }
    for name, view in (("costs", "usage_cost_monthly"), ("dags", "usage_cost_by_dag")):
        for column, keys in (
            ("consumed_quantity", ("billing_account_id", "service_name")),
            ("effective_cost", ("billing_account_id", "billing_currency")),
        ):
            rows = ((tuple(row[key] for key in keys), Decimal(row[column] or 0)) for row in files.get(name, ()))
            assert _add_up(rows) == Sums(warehouse, view, ", ".join(keys), column)
    totals = make_totals(readings)
    for column, key in (("consumed_quantity", "sku_meter"), ("effective_cost", "billing_currency")):
        found = _add_up(
            ((each["billing_account_id"], each[key]), Decimal(each[column])) for each in totals if each[column]
        )
        lines = "x_line = 'usage'" if column == "consumed_quantity" else "1 = 1"
        assert found == Sums(warehouse, "usage_cost_monthly", f"billing_account_id, {key}", column, lines)


def check_page(readings: Readings, summary: AccountSummary) -> None:
    page = html.render_content(readings, PERIOD, None)
    for meter in summary.meters:
        assert html.mark_number(meter.so_far) in page
    places = find_places([summary.money.amounts])
    for currency, amount in summary.money.amounts:
        assert f"{html.mark_amount(amount, places)} <small>{currency}</small>" in page


def test_p19_page_and_report_have_the_numbers_of_the_views(warehouse, monkeypatch):
    monkeypatch.setattr(dag_rows, "MOST_DAGS", 1)  # so that a few DAGs are more than are listed
    database = AllocationWarehouse.connect(warehouse.conn_id, None)
    database.prepare()
    database.close()
    reader = WarehouseReader.connect(warehouse.conn_id, None)

    @settings(
        max_examples=15,
        phases=[Phase.generate],  # to shrink what is small already would take minutes
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(tables=make_tables(warehouse.dialect))
    def check(tables: Tables) -> None:
        fill(warehouse, database, tables)
        readings = read_usage(reader, PERIOD, all_accounts=True)
        for account in readings.read:
            summary = summarize(account, PERIOD)
            of_account = f"billing_account_id = '{summary.account.billing_account_id}'"
            check_usage(warehouse, summary, of_account)
            check_costs(warehouse, summary, of_account)
            check_dags(warehouse, summary, of_account)
            check_page(readings, summary)
        check_budgets(warehouse, readings)
        check_files(warehouse, readings)

    check()
