"""P7: a day without usage was loaded; a day that is not in the load log was not."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.simulator import faults
from tests.support.truth import loaded, logged_days, query, truth

LOG = """
SELECT charge_period_start, sub_account_id, service_name, resource_id, x_records
FROM usage_load_log ORDER BY 1, 2, 3
"""


def requested_days(simulator) -> set[str]:
    return {request.query["start_date"] for request in simulator.requests}


def test_p7_a_day_without_usage_is_logged_with_no_records(api, collect, warehouse):
    api.environments = ()
    collect(start="2026-11-10", end="2026-11-12")
    assert loaded(warehouse) == {}
    assert [(str(day), *rest) for day, *rest in warehouse.query(LOG)] == [
        ("2026-11-10", "*", "*", "*", 0),
        ("2026-11-11", "*", "*", "*", 0),
    ]


def test_p7_a_filtered_load_is_logged_for_its_cells_alone(api, collect, warehouse):
    collect(
        start="2026-11-10", end="2026-11-11", filters={"environment_slug": ["abc123", "def456"], "service": "airflow"}
    )
    assert [(*row[1:4],) for row in warehouse.query(LOG)] == [("abc123", "airflow", "*"), ("def456", "airflow", "*")]
    assert [row[4] for row in warehouse.query(LOG)] == [1, 1]


def test_p7_the_log_says_which_run_loaded_a_day_and_keeps_all(collect, warehouse, datacoves_conn):
    collect(start="2026-11-10", end="2026-11-11")
    collect(start="2026-11-10", end="2026-11-11")
    rows = warehouse.query("SELECT x_conn_id, x_dag_id, x_run_id, billing_account_id FROM usage_load_log")
    assert rows == [(datacoves_conn, "a_dag", "a_run", "a-project")] * 2


def test_p7_a_load_that_failed_is_not_logged(simulator, collect, warehouse):
    collect(start="2026-11-10", end="2026-11-11")
    simulator.faults.append(faults.Html())
    with pytest.raises(AirflowFailException):
        collect(start="2026-11-11", end="2026-11-12")
    assert logged_days(warehouse) == ["2026-11-10"]


def test_p7_a_first_run_brings_the_last_month(api, collect, warehouse):
    result = collect(catch_up_days=31)
    assert result["loaded"]["days"] == 32
    assert result["window"] == {"start": "2026-11-21", "end": "2026-11-22"}
    assert loaded(warehouse) == truth(api, query("2026-10-21", "2026-11-22"))


def test_p7_a_dag_that_was_paused_heals_itself(api, collect, warehouse):
    for day in ("2026-10-30", "2026-10-31", "2026-11-01"):
        collect(run_after=day, lookback_days=2, catch_up_days=31)
    result = collect(run_after="2026-11-22", lookback_days=2, catch_up_days=31)
    missed = [str(date(2026, 11, 1) + timedelta(days=n)) for n in range(20)]
    assert result["loaded"]["days"] == 21
    assert set(missed) <= set(logged_days(warehouse))
    assert loaded(warehouse) == truth(api, query("2026-09-28", "2026-11-22"))


def test_p7_only_what_is_missing_is_requested_again(simulator, collect, warehouse):
    for day in ("2026-11-15", "2026-11-17", "2026-11-20"):
        collect(start=day, end=str(date.fromisoformat(day) + timedelta(days=1)))
    simulator.requests.clear()
    assert collect(catch_up_days=7)["loaded"]["days"] == 5
    assert requested_days(simulator) == {"2026-11-14", "2026-11-16", "2026-11-18", "2026-11-21"}


def test_p7_a_day_that_is_loaded_for_one_environment_is_missing_for_the_others(simulator, collect, warehouse):
    collect(start="2026-11-20", end="2026-11-21", filters={"environment_slug": "abc123"})
    assert collect(catch_up_days=1, filters={"environment_slug": "abc123"})["loaded"]["days"] == 1
    assert collect(catch_up_days=1, filters={"environment_slug": ["abc123", "def456"]})["loaded"]["days"] == 2
    assert collect(catch_up_days=1)["loaded"]["days"] == 2
    assert collect(catch_up_days=1, filters={"service": "airbyte"})["loaded"]["days"] == 1


def test_p7_a_day_that_another_account_loaded_is_missing(api, simulator, collect, warehouse, monkeypatch):
    connection = {"conn_type": "datacoves_billing", "host": simulator.billing_url, "password": api.key}
    monkeypatch.setenv("AIRFLOW_CONN_SECOND_PROJECT", json.dumps(connection))
    collect(usage_conn_id="second_project", start="2026-11-20", end="2026-11-21")
    assert collect(catch_up_days=1)["loaded"]["days"] == 2


def test_p7_a_missed_day_that_cannot_be_loaded_does_not_keep_yesterday_out(api, collect, warehouse, printed):
    broken = date(2026, 11, 10)
    collect(run_after=str(broken))
    api.restate("abc123", "airflow", broken, -1)
    printed()
    with pytest.raises(AirflowFailException, match="'amount_minutes', is -1"):
        collect(lookback_days=2, catch_up_days=31)
    assert {"2026-11-19", "2026-11-20", "2026-11-21"} <= set(logged_days(warehouse))
    assert str(broken) not in logged_days(warehouse)
    (said,) = [line for line in printed() if "Catching up on" in line]
    assert "2026-11-19 to 2026-11-21 is loaded. Catching up on 2026-11-10 to 2026-11-18 failed;" in said


def test_p7_days_that_were_missed_are_not_totalled_and_come_after_the_period(api, simulator, collect, warehouse):
    collect(run_after="2026-11-18")
    simulator.requests.clear()
    result = collect(catch_up_days=6)
    assert result["totals"] == collect(sql_conn_id=None)["totals"]
    asked = [request.query["start_date"] for request in simulator.requests]
    assert list(dict.fromkeys(asked)) == ["2026-11-21", "2026-11-15", "2026-11-18"]
    assert result["loaded"]["days"] == 6


def test_p7_explicit_days_and_dry_runs_do_not_catch_up(simulator, collect, warehouse):
    assert collect(start="2026-11-10", end="2026-11-11", catch_up_days=31)["loaded"]["days"] == 1
    simulator.requests.clear()
    collect(sql_conn_id=None, catch_up_days=31)
    assert requested_days(simulator) == {"2026-11-21"}
