"""Numbers that are easily mixed up: rows changed twice, days long ago, accounts and environments that share a name."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.cost.forecast import get_month
from datacoves_usage_provider.report.bars import make_monthly_columns
from datacoves_usage_provider.report.csv_files import write_csv_files
from datacoves_usage_provider.report.dag import DagSummary
from datacoves_usage_provider.report.dag_reading import read_dag
from datacoves_usage_provider.report.html import Links, render_content, render_dag
from datacoves_usage_provider.report.money import add_amounts
from datacoves_usage_provider.report.numbers import show_day
from datacoves_usage_provider.report.period import make_month_period, make_page_period
from datacoves_usage_provider.report.reading import read_usage
from datacoves_usage_provider.report.summary import summarize
from tests.report.conftest import TODAY
from tests.support.page_usage import B3OS, CORRECTED, DATACOVES

SHOWN = make_page_period(TODAY, 31)
CORRECTED_DAY = TODAY - timedelta(days=CORRECTED)
FROM_10_NOVEMBER = "UPDATE usage_rate SET sku_price_effective_start = '2026-11-10'"

pytestmark = pytest.mark.usefixtures("page_usage")


def copy_rows(warehouse, table, where="1 = 1", **changes):
    """Insert copies of the rows of ``table``; ``changes`` are the SQL of the columns that differ."""
    engine = create_engine(warehouse.uri, poolclass=NullPool)
    names = [column["name"] for column in inspect(engine).get_columns(table)]
    values = ", ".join(changes.get(name, name) for name in names)
    warehouse.query(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE {where}")


def test_p19_a_row_that_was_corrected_twice_counts_once(warehouse, reader):
    def read():
        (meter,) = summarize(read_usage(reader, SHOWN, DATACOVES).read[0], SHOWN).meters
        return [(each.day, each.before, each.after) for each in meter.corrections]

    ((_, before, after),) = read()
    copy_rows(
        warehouse,
        "usage_revision",
        "service_name = 'airflow'",
        x_consumed_quantity_before="x_consumed_quantity_after",
        x_consumed_quantity_after="x_consumed_quantity_after + 5",
        x_loaded_at="'2030-01-01 12:00:00+00:00'",
    )
    assert read() == [(CORRECTED_DAY, before, after + 5)]


def test_p19_a_correction_of_a_day_that_is_not_shown_is_not_counted(reader):
    for period, count in ((make_page_period(TODAY, 7), 0), (SHOWN, 1)):
        assert count == (CORRECTED_DAY in period.shown)
        (meter,) = summarize(read_usage(reader, period, DATACOVES).read[0], period).meters
        assert len(meter.corrections) == count


def test_p19_a_last_day_of_long_ago_has_its_usage(warehouse, reader):
    for table in ("usage_load_log", "usage_daily"):
        warehouse.query(f"DELETE FROM {table} WHERE charge_period_start >= '2026-09-10'")
        warehouse.query(f"DELETE FROM {table} WHERE charge_period_start < '2026-09-09'")
    summary = summarize(read_usage(reader, SHOWN, DATACOVES).read[0], SHOWN)
    ((used,),) = warehouse.query(
        "SELECT sum(consumed_quantity) FROM usage_daily WHERE billing_account_id = 'analytics'"
    )
    assert (str(summary.last_day), summary.meters[0].last) == ("2026-09-09", used)


def test_p19_a_dag_of_two_environments_is_two_rows_and_each_leads_to_its_own_numbers(warehouse, reader):
    copy_rows(warehouse, "usage_allocation", sub_account_id="'dev123'", consumed_quantity="consumed_quantity * 3")
    readings = read_usage(reader, SHOWN, DATACOVES)
    (meter,) = summarize(readings.read[0], SHOWN).meters
    rows = [row for row in meter.dags if row.dag_id == "load_orders_00"]
    assert [row.sub_account_id for row in rows] == ["dev123", "prod01"]
    assert rows[0].quantity == 3 * rows[1].quantity
    content = render_content(readings, SHOWN, Links(31))
    link = "dag/load_orders_00?days=31&amp;provider=Datacoves&amp;account=analytics&amp;environment=prod01"
    assert f'<a href="{link}">' in content
    assert '<span class="soft">in dev123</span>' in content
    for environment, quantity in (("prod01", 1), ("dev123", 3), (None, 3)):
        found = read_dag(reader, "load_orders_00", SHOWN.shown, environment)
        assert DagSummary(found, SHOWN.month).quantity == quantity * rows[1].quantity


def test_p19_what_no_dag_explains_of_airbyte_does_not_look_like_airflow(warehouse, reader):
    where = "allocated_resource_id = '' AND service_name = 'airflow'"
    copy_rows(warehouse, "usage_allocation", where, service_name="'airbyte'", consumed_quantity="consumed_quantity * 3")
    found = read_usage(reader, SHOWN, DATACOVES)
    (meter,) = summarize(found.read[0], SHOWN).meters
    airbyte, airflow = meter.dags[-2:]
    assert (airbyte.label, airflow.label) == ("unattributed, airbyte", "unattributed, airflow")
    assert airbyte.quantity == 3 * airflow.quantity
    rows = csv.DictReader(io.StringIO(write_csv_files(found, SHOWN)["dags"].decode("utf-8-sig")))
    quantities = {
        row["service_name"]: Decimal(row["consumed_quantity"]) for row in rows if not row["allocated_resource_id"]
    }
    assert quantities == {row.label.split()[-1]: row.quantity for row in (airbyte, airflow)}


def test_p19_an_environment_of_two_accounts_is_not_mixed(warehouse, reader):
    before = DagSummary(read_dag(reader, "load_orders_00", SHOWN.shown, "prod01"), SHOWN.shown)
    copy_rows(
        warehouse, "usage_allocation", billing_account_id="'old'", consumed_quantity="floor(consumed_quantity / 2)"
    )
    after = DagSummary(read_dag(reader, "load_orders_00", SHOWN.shown, "prod01"), SHOWN.shown)
    assert (after.quantity, after.share, after.costs) == (before.quantity, before.share, before.costs)


def test_p19_a_day_of_a_dag_without_a_price_is_told_beside_the_sum(warehouse, reader):
    warehouse.query(FROM_10_NOVEMBER)
    summary = DagSummary(read_dag(reader, "load_orders_00", SHOWN.shown, "prod01"), SHOWN.shown)
    assert summary.unpriced_days == 12  # 28 October to 9 November, but for the hole
    assert "12 days have no price and are not in it" in render_dag(summary, None)


def test_p19_the_days_of_a_tab_stay_in_the_tab(warehouse, reader):
    summary = DagSummary(read_dag(reader, "load_orders_00", SHOWN.shown, "prod01"), SHOWN.shown)
    links = re.findall(r'href="([^"]*)"', render_dag(summary, None))
    assert [link.endswith("environment=prod01&amp;tab=1") for link in links] == [True, True]


def test_p19_a_month_without_rows_has_its_place_among_the_bars(warehouse, reader):
    for table in ("usage_load_log", "usage_daily"):
        warehouse.query(f"DELETE FROM {table} WHERE charge_period_start BETWEEN '2026-09-01' AND '2026-09-30'")
    found = read_usage(reader, SHOWN, DATACOVES).read[0]
    (months,) = found.months.values()
    columns = make_monthly_columns(months, found.coverage, "Minutes", SHOWN.until)
    assert [column.label for column in columns[-3:]] == ["Sep 26", "Oct 26", "Nov 26"]
    assert (columns[-3].state, columns[-3].hover) == ("part", "September 2026: 0 minutes, 0 of 30 days loaded")


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p19_a_month_has_all_digits_of_its_days(warehouse, reader):
    for day, quantity in (("2026-11-02", "98765432109876543210"), ("2026-11-03", "0.123456789012345678")):
        warehouse.query(f"UPDATE usage_daily SET consumed_quantity = {quantity} WHERE charge_period_start = '{day}'")
    where = "billing_period_start = '2026-11-01' AND service_provider_name = 'Datacoves'"
    ((expected,),) = warehouse.query(f"SELECT sum(consumed_quantity) FROM usage_monthly WHERE {where}")
    (months,) = read_usage(reader, SHOWN, DATACOVES).read[0].months.values()
    assert months[date(2026, 11, 1)] == expected


def test_p19_a_meter_that_is_no_longer_used_has_no_section(warehouse, reader):
    before = read_usage(reader, SHOWN, DATACOVES).read[0].days.keys()
    old = "charge_period_start = '2026-01-15', billing_period_start = '2026-01-01', sku_meter = 'Old Minutes'"
    warehouse.query(f"UPDATE usage_daily SET {old} WHERE charge_period_start = '2026-11-02'")
    assert read_usage(reader, SHOWN, DATACOVES).read[0].days.keys() == before


def test_p19_sums_have_all_their_digits():
    large, small = Decimal(98765432109876543210), Decimal("0.123456789012345678")
    assert add_amounts([("USD", large), ("USD", small)]) == (("USD", Decimal(f"{large}.123456789012345678")),)


def test_budgets_are_shown_beside_an_account_without_usage(warehouse, reader):
    readings = read_usage(reader, SHOWN, DATACOVES)
    idle = replace(readings.read[0], days={}, cells=[])
    assert "<h2>Budgets</h2>" in render_content(replace(readings, read=[idle]), SHOWN, None)


@pytest.mark.parametrize(
    ("left_out", "days", "accounts"), [(1, "1 earlier day", "1 more account"), (2, "2 earlier days", "2 more accounts")]
)
def test_what_a_table_leaves_out_is_counted(warehouse, reader, left_out, days, accounts):
    readings = read_usage(reader, SHOWN, DATACOVES)
    account = readings.read[0]
    corrected = [account.corrections[0]] * (31 + left_out)
    listed = readings.accounts[:1] * (200 + left_out)
    many = replace(readings, read=[replace(account, corrections=corrected)], accounts=listed)
    content = render_content(many, SHOWN, None)
    assert f">and {days}<" in content
    assert f">and {accounts}<" in content


def test_p19_environments_that_share_a_name_are_told_apart(warehouse, reader):
    warehouse.query("UPDATE usage_daily SET sub_account_name = 'Default' WHERE sub_account_id <> 'prod01'")
    readings = read_usage(reader, SHOWN, DATACOVES)
    (meter,) = summarize(readings.read[0], SHOWN).meters
    names = {"Production", "Default (dev123)", "Default (qa4567)"}
    assert {row.label for row in meter.rows} == {mover.label for mover in meter.movers} == names
    content = render_content(readings, SHOWN, None)
    assert all(f"</span>{name}" in content or f">{name}</span>" in content for name in names)
    rows = csv.DictReader(io.StringIO(write_csv_files(readings, SHOWN)["environments"].decode("utf-8-sig")))
    assert {row["sub_account_name"] for row in rows} == {"Production", "Default"}


def test_p19_a_page_subtracts_and_compares_the_largest_numbers(reader):
    readings = read_usage(reader, SHOWN, DATACOVES)
    account = readings.read[0]
    ((meter, days),) = account.days.items()
    parts = account.parts[meter][SHOWN.until].values()
    total = sum(parts) + Decimal("98765432109876543210.5")
    (first, *cells) = account.cells
    first = first._replace(now=Decimal(99999999), before=Decimal("0.000000000000000001"))
    account = replace(account, days={meter: {**days, SHOWN.until: total}}, cells=[first, *cells])
    content = render_content(replace(readings, read=[account]), SHOWN, None)
    assert "others: 98,765,432,109,876,543,210.5" in content


def test_one_row_without_a_price_is_one_row(reader):
    readings = read_usage(reader, SHOWN, DATACOVES)
    account = readings.read[0]
    (budget,) = readings.budgets
    (first, *costs) = account.costs
    account = replace(account, costs=[first._replace(unpriced_rows=1), *costs])
    budgets = [budget._replace(unpriced_rows=1)]
    content = render_content(replace(readings, read=[account], budgets=budgets, accounts=[]), SHOWN, None)
    assert "1 row has no price and is not in it" in content
    assert "1 row without a price" in content
    assert "1 rows" not in content


def test_p19_fixed_costs_are_told_also_where_a_price_is_missing(warehouse, reader):
    warehouse.query("UPDATE usage_rate SET service_name = 'airflow'")
    content = render_content(read_usage(reader, SHOWN, DATACOVES), SHOWN, None)
    assert "rows have no price and are not in it" in content
    assert "with fixed costs" in content


@pytest.mark.parametrize(("first", "said"), [(0, "nothing to compare with"), (34, "the same 1 day four weeks before")])
def test_p19_a_dag_without_days_to_compare_says_so(warehouse, reader, first, said):
    days = ", ".join(f"'{TODAY - timedelta(days=ago)}'" for ago in (6, first))
    warehouse.query(f"DELETE FROM usage_allocation WHERE charge_period_start NOT IN ({days})")
    content = render_dag(DagSummary(read_dag(reader, "load_orders_00", SHOWN.shown, "prod01"), SHOWN.shown), None)
    assert said in content


def test_p19_a_month_of_which_no_day_is_loaded_is_not_zero(warehouse, reader):
    period = make_page_period(date(2026, 12, 2), 31)
    readings = read_usage(reader, period, DATACOVES)
    content = render_content(readings, period, Links(31))
    assert '<div class="big">0 <small>minutes</small>' not in content
    assert '<tr class="sum"><td>Sum</td><td></td><td class="n">–</td>' in content
    assert "0 of 1 day loaded" in content
    assert "no usage yet" not in content


def test_p19_usage_whose_days_do_not_add_up_is_not_called_no_usage(warehouse, reader):
    warehouse.query("UPDATE usage_daily SET x_is_additive = false WHERE service_provider_name = 'B3OS'")
    content = render_content(read_usage(reader, SHOWN, B3OS), SHOWN, Links(31, B3OS))
    assert " <small>compute units</small>" in content
    assert "no usage yet" not in content
    assert "cost so far" not in content


def test_p19_a_month_that_began_before_the_first_load_does_not_look_complete(warehouse, reader):
    period = make_month_period(get_month(date(2026, 6, 1)), TODAY)
    readings = read_usage(reader, period, DATACOVES)
    content = render_content(readings, period, None)
    first = readings.read[0].coverage.first
    assert first.day > 1
    assert f"Complete from {show_day(first)} to Tue 30 Jun (UTC)" in content
    period = make_month_period(get_month(date(2026, 7, 1)), TODAY)
    assert "Complete up to Fri 31 Jul (UTC)" in render_content(read_usage(reader, period, DATACOVES), period, None)


def test_p19_a_month_long_ago_does_not_speak_of_today(warehouse, reader):
    period = make_month_period(get_month(date(2025, 1, 1)), TODAY)
    content = render_content(read_usage(reader, period, DATACOVES), period, None)
    assert "No usage in the 155 days up to Fri 31 Jan 2025." in content


def test_p19_who_asks_for_an_account_that_is_gone_sees_which_one_is_shown(warehouse, reader):
    for table in ("usage_account", "usage_load_log", "usage_daily"):
        warehouse.query(f"DELETE FROM {table} WHERE billing_account_id = 'shop'")
    readings = read_usage(reader, SHOWN, B3OS)
    assert "<h2>Datacoves · analytics</h2>" in render_content(readings, SHOWN, Links(31, B3OS))
    assert "<h2>Datacoves · analytics</h2>" not in render_content(readings, SHOWN, Links(31))


def test_p19_a_last_day_of_another_year_has_its_year(warehouse, reader):
    for table in ("usage_load_log", "usage_daily"):
        warehouse.query(f"DELETE FROM {table} WHERE charge_period_start > '2026-11-20'")
    period = make_page_period(date(2027, 2, 1), 92)
    content = render_content(read_usage(reader, period, DATACOVES), period, Links(92))
    assert "Loaded up to Fri 20 Nov 2026 (UTC), not to Sun 31 Jan<" in content
    assert "<h3>Fri 20 Nov 2026</h3>" in content
    assert "Who moved it on Fri 20 Nov 2026<" in content
    assert '<td class="date warn">Fri 20 Nov 2026</td>' in content


def test_what_is_missing_names_its_part_and_nothing_else(warehouse, reader):
    for name in ("sub_account_id", "service_name"):
        warehouse.query(f"UPDATE usage_load_log SET {name} = 'part'")
        content = render_content(read_usage(reader, SHOWN, DATACOVES), SHOWN, Links(31))
        (missing,) = re.findall(r"Missing:([^<]*)<", content)
        assert " ".join(missing.split()) == ("part: 8 Nov" if name == "sub_account_id" else "part part: 8 Nov")


def test_one_check_of_a_budget_is_told_once_with_all_its_rules(warehouse, reader):
    columns = "x_budget_name, billing_period_start, x_amount, x_unit, x_as_of, x_dag_id, x_run_id, x_loaded_at"
    for rule in ("used:80", "forecast:110"):
        warehouse.query(
            f"INSERT INTO usage_alert ({columns}, x_value, x_text, x_rule)"
            f" SELECT {columns}, 50000, 'Most is used.', '{rule}' FROM usage_budget_status"
        )
    readings = read_usage(reader, SHOWN, DATACOVES)
    (budget,) = readings.budgets
    assert readings.alerts == [(budget.as_of, ["forecast:110", "used:80"], "Most is used.")]
    assert "forecast:110, used:80:</b> Most is used." in render_content(readings, SHOWN, None)


def test_p19_a_budget_that_was_renamed_leaves_the_running_month(warehouse, reader):
    copy_rows(warehouse, "usage_budget_status", x_budget_name="'New name'")
    warehouse.query("UPDATE usage_budget SET x_budget_name = 'New name'")
    readings = read_usage(reader, SHOWN, DATACOVES)
    assert [budget.name for budget in readings.budgets] == ["New name"]
    assert "Worker minutes of the team" not in render_content(readings, SHOWN, None)
    assert b"Worker minutes of the team" not in write_csv_files(readings, SHOWN)["budgets"]


def test_p19_a_budget_that_was_deleted_stays_in_a_month_that_is_over_with_the_day_of_its_last_check(warehouse, reader):
    october = make_month_period(get_month(date(2026, 10, 1)), TODAY)
    for name, day in (("Kept", 31), ("Deleted", 5)):
        changes = {"billing_period_start": "'2026-10-01'", "x_as_of": f"'2026-10-{day:02}'"}
        copy_rows(warehouse, "usage_budget_status", "x_as_of = '2026-11-27'", x_budget_name=f"'{name}'", **changes)
    warehouse.query("DELETE FROM usage_budget")
    readings = read_usage(reader, october, DATACOVES)
    assert [budget.name for budget in readings.budgets] == ["Deleted", "Kept"]
    content = render_content(readings, october, None)
    assert content.count("last checked") == 1
    assert re.search("Deleted</td>.*?last checked 5 Oct<.*?Kept</td>.*?>Sat 31 Oct<", content, re.DOTALL)


@pytest.mark.parametrize(("change", "days"), [("DELETE FROM usage_rate", 25), (FROM_10_NOVEMBER, 8)], ids=str)
def test_p19_each_day_of_a_dag_without_a_price_is_a_row_without_one(warehouse, reader, change, days):
    """All of the month but for the hole, and the day without usage."""
    warehouse.query(change)
    readings = read_usage(reader, SHOWN, DATACOVES)
    (meter,) = summarize(readings.read[0], SHOWN).meters
    counts = {row.money.unpriced_rows for row in meter.dags if row.dag_id}
    assert counts == {days}
    assert f'title="{days} rows have no price">no price<' in render_content(readings, SHOWN, None)


def test_one_other_is_one(reader, monkeypatch):
    monkeypatch.setattr("datacoves_usage_provider.report.dag_rows.MOST_DAGS", 11)
    monkeypatch.setattr("datacoves_usage_provider.report.summary.MOST_ROWS", 5)
    content = render_content(read_usage(reader, SHOWN, DATACOVES), SHOWN, None)
    assert re.findall(r">(1 other.*?)\s*<", content) == ["1 other", "1 other DAG"]
