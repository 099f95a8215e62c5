"""A user triggers the DAGs and looks at what they did."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest

from tests.ui.connection_types import DATACOVES
from tests.ui.simulated import get_minutes

BACKFILL = date(2025, 1, 15), date(2025, 3, 1)
ACCOUNT = DATACOVES.typed["billing_account_id"]


@pytest.fixture
def run_day(daily_run) -> date:
    """The UTC day on which the daily run was triggered: Airflow puts the moment into the run's id."""
    return date.fromisoformat(re.search(r"\d{4}-\d\d-\d\d", daily_run[1])[0])


def read_xcom(ui, run):
    """Return the XCom value, as the page's Copy button gives it, and its minutes by environment and service."""
    ui.open_xcom(*run)
    ui.take_picture(f"{run[0]}-xcom", height=740)
    value = json.loads(ui.copy_xcom())
    minutes = {
        (total["sub_account_id"], total["service_name"]): total["consumed_quantity"] for total in value["totals"]
    }
    return value, minutes


def test_the_xcom_of_a_daily_run_is_what_was_used_yesterday(ui, datacoves, daily_run, run_day):
    yesterday = run_day - timedelta(days=1)
    value, minutes = read_xcom(ui, daily_run)
    assert value["window"] == {"start": str(yesterday), "end": str(run_day)}
    assert value["billing_account_id"] == ACCOUNT
    assert minutes == get_minutes(datacoves, yesterday, run_day)


def test_the_first_daily_run_brings_a_month_into_the_warehouse(datacoves, daily_run, loaded, run_day):
    first = run_day - timedelta(days=32)
    rows = loaded.query(
        "SELECT sub_account_id, service_name, CAST(sum(consumed_quantity) AS integer) FROM usage_daily "
        "WHERE service_provider_name = 'Datacoves' AND billing_account_id = :account AND charge_period_start >= :first "
        "GROUP BY 1, 2",
        account=ACCOUNT,
        first=first,
    )
    assert {(environment, service): minutes for environment, service, minutes in rows} == get_minutes(
        datacoves, first, run_day
    )


def test_p14_the_log_of_a_daily_run_says_what_it_loaded_and_what_was_used(ui, datacoves, daily_run, run_day):
    log = ui.read_log(*daily_run)
    ui.take_picture("daily-log", height=560)
    assert f"Datacoves account '{ACCOUNT}': loaded " in log
    yesterday = run_day - timedelta(days=1)
    minutes = sum(get_minutes(datacoves, yesterday, run_day).values())
    assert f"Datacoves account '{ACCOUNT}', {yesterday}: {minutes:,} Minutes (" in log


def test_a_backfill_loads_the_days_and_the_part_that_its_form_names(ui, datacoves, backfill_run, loaded):
    value, minutes = read_xcom(ui, backfill_run)
    assert value["window"] == {"start": "2025-01-15", "end": "2025-03-01"}
    expected = get_minutes(datacoves, *BACKFILL, environments=("abc123",), services=("airflow",))
    assert minutes == expected
    rows = loaded.query(
        "SELECT min(charge_period_start), max(charge_period_start), CAST(sum(consumed_quantity) AS integer) "
        "FROM usage_daily WHERE x_dag_id = 'usage_backfill'"
    )
    assert rows == [(date(2025, 1, 15), date(2025, 2, 28), sum(expected.values()))]


def test_the_rendered_templates_show_what_was_typed(ui, backfill_run):
    shown = "".join(ui.read_rendered(*backfill_run).split())
    for text in (DATACOVES.conn_id, "2025-01-15", "2025-03-01", '{"environment_slug":["abc123"],"service":"airflow"}'):
        assert text in shown


def test_the_backfill_form_asks_for_both_days(ui, datacoves):
    ui.open_trigger("usage_backfill")
    ui.type_params({"start": "2025-01-15"})
    rejected = ui.press_trigger()
    ui.take_picture("backfill-refused")
    assert rejected.run_id is None
    assert re.search("fill out this field|field is required", rejected.complaint)


def test_a_backfill_that_ends_before_it_starts_says_so_and_asks_nothing(ui, simulated, datacoves, user):
    asked = len(simulated.simulator.requests)
    run_id, state = user.run("usage_backfill", "backfill-form-end-before-start", start="2025-02-01", end="2025-01-15")
    assert state == "failed"
    assert "a usage window must end after it starts" in ui.read_log("usage_backfill", run_id)
    ui.take_picture("backfill-failed-log")
    assert len(simulated.simulator.requests) == asked
