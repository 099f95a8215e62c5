"""The page of an account with thousands of sub accounts and years of days is quick and small."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.allocation.warehouse import AllocationWarehouse
from datacoves_usage_provider.page import answers
from datacoves_usage_provider.query import Cell
from datacoves_usage_provider.report.coverage import Coverage
from datacoves_usage_provider.warehouse.load_log import LoadedDays
from datacoves_usage_provider.window import UsageWindow

SUB_ACCOUNTS = 2_000
RESOURCES = 10_000
PROVENANCE = "'datacoves_billing_default', 'usage_daily', 'manual', now()"
USAGE = f"""
    INSERT INTO usage_daily (
        service_provider_name, billing_account_id, sub_account_id, sub_account_name, service_name, resource_id,
        sku_meter, billing_period_start, charge_period_start, consumed_quantity, consumed_unit, x_is_additive,
        x_conn_id, x_dag_id, x_run_id, x_loaded_at
    )
    SELECT 'Datacoves', 'analytics', 'env' || n % {SUB_ACCOUNTS}, repeat('<b>&', 50), 'airflow',
        CASE WHEN n < {SUB_ACCOUNTS} THEN '' ELSE 'resource' || n END, 'Worker Minutes',
        date_trunc('month', day), day, 1 + n % 7 + extract(dow FROM day), 'Minutes', true, {PROVENANCE}
    FROM generate_series(0, :units - 1) AS units (n),
        generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS days (day)
"""
LOADED = f"""
    INSERT INTO usage_load_log
    SELECT 'Datacoves', 'analytics', '*', '*', '*', day, 2000, {PROVENANCE}
    FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS days (day)
"""
RATE = """
    INSERT INTO usage_rate (
        service_provider_name, sku_meter, pricing_unit, contracted_unit_price, billing_currency,
        sku_price_effective_start
    ) VALUES ('Datacoves', 'Worker Minutes', 'Minutes', 0.0123, 'USD', '2000-01-01')
"""


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
@pytest.mark.parametrize("units", [SUB_ACCOUNTS, RESOURCES])
def test_p18_a_page_is_quick_and_small(warehouse, is_large, units):
    AllocationWarehouse(create_engine(warehouse.uri, poolclass=NullPool), None, "usage_warehouse").prepare()
    last = datetime.now(timezone.utc).date() - timedelta(days=1)
    count = 365 * 10 if is_large else 20_000 * 6 // units
    days = {"first": last - timedelta(days=count), "last": last}
    for statement in (USAGE, LOADED):
        warehouse.query(statement, **days, **({"units": units} if statement is USAGE else {}))
    warehouse.query(RATE)
    warehouse.query("ANALYZE")
    answers.show_usage({})  # the first loads modules and templates
    since = time.monotonic()
    answer = answers.show_usage({"days": "92"})
    seconds = time.monotonic() - since
    print(f"{units} units: {len(answer.content)} bytes in {seconds:.1f} seconds")  # noqa: T201 - for --large
    assert answer.status == 200
    assert "1950 others" in answer.content
    assert "<b>&<b>" not in answer.content
    assert len(answer.content) < 500_000
    assert seconds < 10


def test_p18_what_is_missing_of_thousands_of_sub_accounts_is_found_quickly():
    """Each sub account is named by the loads' filters, so each day has thousands of rows in the load log."""
    last = date(2026, 11, 27)
    days = UsageWindow(last - timedelta(days=429), last + timedelta(days=1)).days
    hole = days[-20]
    named = {Cell(f"env{number}", "*", "*") for number in range(SUB_ACCOUNTS)}
    cells = {day: named - {Cell("env7", "*", "*")} if day == hole else named for day in days}
    cells[days[0]] = {Cell("*", "*", "*")}
    coverage = Coverage(LoadedDays(cells), last)
    since = time.monotonic()
    assert coverage.find_holes(UsageWindow(days[-31], days[-1])) == [(Cell("env7", "*", "*"), [hole])]
    assert [coverage.get_state(day) for day in (days[0], hole, last)] == ["loaded", "part", "loaded"]
    assert len(coverage.find_loaded(days)) == 429
    assert time.monotonic() - since < 3
