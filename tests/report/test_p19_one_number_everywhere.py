"""What the page shows is what SQL says, to the last digit; what is compared covers equal spans of loaded days."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest

from datacoves_usage_provider.report import html
from datacoves_usage_provider.report.csv_files import write_csv_files
from datacoves_usage_provider.report.dag import DagSummary
from datacoves_usage_provider.report.dag_reading import read_dag
from datacoves_usage_provider.report.numbers import show
from datacoves_usage_provider.report.period import make_month_period, make_page_period
from datacoves_usage_provider.report.reading import read_usage
from datacoves_usage_provider.report.summary import summarize
from datacoves_usage_provider.report.totals import make_totals
from tests.report.conftest import TODAY
from tests.support.page_usage import B3OS, CORRECTED, DATACOVES, HOLE, ZERO

MONTH = "WHERE service_provider_name = :provider AND billing_period_start = '2026-11-01'"
HOLE_DAY, ZERO_DAY, CORRECTED_DAY = (TODAY - timedelta(days=ago) for ago in (HOLE, ZERO, CORRECTED))


@pytest.fixture
def period():
    return make_page_period(TODAY, 31)


@pytest.fixture
def readings(reader, period):
    return read_usage(reader, period, all_accounts=True)


@pytest.fixture
def summaries(readings, period):
    return {each.account: summarize(each, period) for each in readings.read}


@pytest.fixture
def ask(warehouse):
    """Ask for a number. On SQLite, costs and sums are doubles, whose last digits are noise: it equals what is close."""

    def ask_for_number(sql, **parameters):
        ((number,),) = warehouse.query(sql, **parameters)
        return Decimal(str(number)) if warehouse.dialect == "postgresql" else Close(number)

    return ask_for_number


class Close(Decimal):
    def __eq__(self, other):
        return abs(Decimal(other) - self) < Decimal("1e-9")

    __hash__ = None


@pytest.mark.parametrize("account", [DATACOVES, B3OS], ids=str)
def test_p19_the_month_is_that_of_usage_monthly(summaries, readings, period, ask, account):
    expected = ask(f"SELECT sum(consumed_quantity) FROM usage_monthly {MONTH}", provider=account.service_provider_name)
    (meter,) = summaries[account].meters
    assert meter.so_far == expected == sum(row.quantity for row in meter.rows)
    assert show(meter.so_far) in html.render_content(readings, period, None)


def test_p19_the_cost_is_that_of_usage_cost_monthly(summaries, readings, period, ask):
    expected = ask(f"SELECT sum(effective_cost) FROM usage_cost_monthly {MONTH}", provider="Datacoves")
    ((currency, amount),) = summaries[DATACOVES].money.amounts
    assert (currency, amount) == ("USD", expected)
    assert f"{html.mark_amount(amount, 2)} <small>USD</small>" in html.render_content(readings, period, None)


def test_p19_what_has_no_price_is_told_beside_the_sum(summaries, readings, period):
    money = summaries[B3OS].money
    assert (money.amounts, money.unpriced_rows) == ((), 3 * 26)  # three workflows, and a day that is a hole
    assert "78 rows have no price and are not in it" in html.render_content(readings, period, None)


def test_p19_the_dags_are_those_of_usage_cost_by_dag(summaries, ask):
    (meter,) = summaries[DATACOVES].meters
    for column, shown in (
        ("consumed_quantity", sum(row.quantity for row in meter.dags)),
        ("effective_cost", sum(dict(row.money.amounts).get("USD", 0) for row in meter.dags)),
    ):
        assert shown == ask(f"SELECT sum({column}) FROM usage_cost_by_dag {MONTH}", provider="Datacoves")
    assert [row.label for row in meter.dags[-2:]] == ["2 other DAGs", "unattributed, airflow"]


def test_p19_one_dag_is_that_of_usage_cost_by_dag(reader, period, ask):
    summary = DagSummary(read_dag(reader, "load_orders_00", period.shown, None), period.shown)
    where = "WHERE allocated_resource_id = 'load_orders_00' AND charge_period_start >= :start"
    for column, shown in (("consumed_quantity", summary.quantity), ("effective_cost", dict(summary.costs)["USD"])):
        assert shown == ask(f"SELECT sum({column}) FROM usage_cost_by_dag {where}", start=str(period.shown.start))
    assert summary.comparison.days == 27  # the hole is in neither span


def test_p19_budgets_are_those_of_usage_budget_status(readings, warehouse):
    (row,) = warehouse.query("SELECT x_used, x_forecast, x_amount FROM usage_budget_status")
    (budget,) = readings.budgets
    assert [budget.used, budget.forecast, budget.amount] == [Decimal(str(number)) for number in row]


def test_p19_compared_are_days_that_both_months_have(summaries, readings, period, ask):
    (meter,) = summaries[DATACOVES].meters
    pairs = readings.read[0].spans.pairs
    assert HOLE_DAY not in {day for day, _ in pairs}
    assert meter.comparison.days == len(pairs) == 26
    days = ", ".join(f"'{day}'" for day, _ in pairs)
    before = ", ".join(f"'{day}'" for _, day in pairs)
    for shown, wanted in ((meter.comparison.now, days), (meter.comparison.before, before)):
        where = f"service_provider_name = 'Datacoves' AND charge_period_start IN ({wanted})"
        assert shown == ask(f"SELECT sum(consumed_quantity) FROM usage_daily WHERE {where}")


def test_p19_zero_and_not_loaded_look_different(readings, period):
    content = html.render_content(readings, period, None)
    assert f'class="d"><title>Sun {HOLE_DAY.day} Nov 2026: not loaded<' in content
    assert f'class="d"><title>Sun {ZERO_DAY.day} Nov 2026: 0 minutes' in content
    assert content.count('fill="url(#days-') == 2  # in the chart of each account
    assert content.count('class="zero"') == 1


def test_p19_a_correction_is_told(summaries):
    (meter,) = summaries[DATACOVES].meters
    (correction,) = meter.corrections
    assert (correction.day, correction.after - correction.before) == (CORRECTED_DAY, 120)


def test_p19_csv_files_say_the_same(summaries, readings, period):
    files = {
        name: list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        for name, content in write_csv_files(readings, period).items()
    }
    assert sorted(files) == ["budgets", "costs", "dags", "days", "environments"]
    for account in (DATACOVES, B3OS):
        (meter,) = summaries[account].meters
        for name in ("days", "environments"):
            of_account = [row for row in files[name] if row["billing_account_id"] == account.billing_account_id]
            assert sum(Decimal(row["consumed_quantity"] or 0) for row in of_account) == meter.so_far
    (hole,) = (
        row
        for row in files["days"]
        if (row["charge_period_start"], row["sku_meter"]) == (str(HOLE_DAY), "Worker Minutes")
    )
    assert (hole["x_loaded"], hole["consumed_quantity"]) == ("missing", "")


def test_p19_xcom_says_the_same(summaries, readings):
    totals = make_totals(readings)
    for account in (DATACOVES, B3OS):
        (meter,) = summaries[account].meters
        of_account = [each for each in totals if each["billing_account_id"] == account.billing_account_id]
        assert sum(Decimal(each["consumed_quantity"] or 0) for each in of_account) == meter.so_far
        costs = [Decimal(each["effective_cost"]) for each in of_account if each["effective_cost"]]
        assert sum(costs) == sum(amount for _, amount in summaries[account].money.amounts)


def test_p19_a_month_that_is_over_has_no_forecast_and_all_its_days(reader):
    period = make_month_period(make_page_period(date(2026, 11, 1), 31).month, TODAY)
    readings = read_usage(reader, period, all_accounts=True)
    summary = summarize(readings.read[0], period)
    assert (summary.loaded_days, summary.meters[0].forecast) == (31, None)
    assert "Usage in October 2026" in html.render_content(readings, period, None)
