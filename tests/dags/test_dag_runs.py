"""The DAG files, run by Airflow as a user would."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date, timedelta

import pytest

from datacoves_usage_provider.compat import Asset
from tests.docs.markdown import find_block_after
from tests.support.usage_api import CONN_ID

ONE_DAY = timedelta(days=1)
BACKFILL = {"start": "2025-01-15", "end": "2025-03-01", "filters": '{"service": "airflow"}'}
DAILY = "SELECT * FROM usage_daily WHERE billing_account_id = :account ORDER BY 3, 5, 6, 8, 10"


@pytest.fixture
def month_before(today) -> date:
    """The first day that the daily DAG's catch_up_days reach."""
    return today - 32 * ONE_DAY


def make_days(first: date, end: date) -> list[str]:
    return [str(first + ONE_DAY * n) for n in range((end - first).days)]


def read_days(warehouse, table: str, account: str = "a-project") -> list[str]:
    rows = warehouse.query(
        f"SELECT DISTINCT charge_period_start FROM {table} WHERE billing_account_id = :account ORDER BY 1",
        account=account,
    )
    return [str(day) for (day,) in rows]


def check_minutes(api, warehouse, days: Iterable[str], account: str = "a-project") -> None:
    """Each number of the API is in the table, once, and nothing else."""
    expected = {
        (day, environment, service): minutes
        for day in days
        for environment in api.environments
        for service in ("airflow", "airbyte", "unknown")
        if (minutes := api.minutes(environment, service, date.fromisoformat(day))) is not None
    }
    rows = warehouse.query(
        "SELECT charge_period_start, sub_account_id, service_name, consumed_quantity "
        "FROM usage_daily WHERE billing_account_id = :account",
        account=account,
    )
    assert len(rows) == len(expected)
    assert {(str(day), *names): minutes for day, *names, minutes in rows} == expected


@pytest.fixture
def first_runs(today, month_before) -> dict[str, tuple[list[str], date, date]]:
    """For each DAG what its run is given, and the days that it loads, end exclusive."""
    this_month = today.replace(day=1)
    return {
        "datacoves_usage_daily": ([str(today)], month_before, today),
        "datacoves_usage_monthly": ([str(today)], (this_month - ONE_DAY).replace(day=1), this_month),
        "usage_backfill": (["--conf", json.dumps(BACKFILL)], date(2025, 1, 15), date(2025, 3, 1)),
    }


@pytest.mark.parametrize("dag_id", ["datacoves_usage_daily", "datacoves_usage_monthly", "usage_backfill"])
def test_a_first_run_loads_its_days(run_dag, datacoves_conn, warehouse, first_runs, dag_id):
    arguments, first, end = first_runs[dag_id]
    assert run_dag(dag_id, *arguments).task == ("success", 1, 2)
    assert read_days(warehouse, "usage_daily") == make_days(first, end)
    assert warehouse.query("SELECT DISTINCT x_dag_id FROM usage_daily") == [(dag_id,)]


def test_the_event_of_a_daily_run_says_which_day_has_arrived(
    run_dag, airflow_db, datacoves_conn, sqlite_warehouse, today
):
    run_dag("datacoves_usage_daily", str(today))
    table = "asset_event" if Asset.__name__ == "Asset" else "dataset_event"
    with closing(sqlite3.connect(airflow_db)) as database:
        ((extra,),) = database.execute(f"SELECT extra FROM {table} ORDER BY id DESC LIMIT 1")
    assert json.loads(extra) == {
        "service_provider_name": "Datacoves",
        "billing_account_id": "a-project",
        "window": {"start": str(today - ONE_DAY), "end": str(today)},
        "is_complete": True,
    }


def test_p7_a_dag_that_was_paused_for_three_weeks_heals_itself(run_dag, api, datacoves_conn, warehouse, today):
    before = today - 21 * ONE_DAY
    run_dag("datacoves_usage_daily", str(before))
    run = run_dag("datacoves_usage_daily", str(today))
    assert "(21 of 21 days)" in run.said  # the 20 that were missed, and yesterday
    assert run.xcom["loaded"]["days"] == 21
    assert run.xcom["window"] == {"start": str(today - ONE_DAY), "end": str(today)}
    days = make_days(before - 32 * ONE_DAY, today)
    assert read_days(warehouse, "usage_load_log") == days
    check_minutes(api, warehouse, days)


def test_p5_an_environment_that_vanished_is_warned_of_and_kept_as_revisions(
    run_dag, api, datacoves_conn, warehouse, today
):
    re_read = [today - 3 * ONE_DAY, today - 2 * ONE_DAY]
    for day in re_read:
        api.restate("my-env", "airflow", day, 60)
    run_dag("datacoves_usage_daily", str(today - ONE_DAY))
    its_rows = "SELECT charge_period_start, service_name, consumed_quantity FROM usage_daily"
    its_rows += " WHERE sub_account_id = 'my-env' AND charge_period_start {} :day ORDER BY 1, 2"
    gone, kept = (warehouse.query(its_rows.format(which), day=str(re_read[0])) for which in (">=", "<"))
    api.environments = ("abc123", "def456")
    run = run_dag("datacoves_usage_daily", str(today))
    assert "Sub account 'my-env' of Datacoves account 'a-project' no longer has usage" in run.said
    assert run.xcom["loaded"]["removed"] == len(gone) >= 2
    assert warehouse.query(its_rows.format("<"), day=str(today)) == kept
    revisions = "SELECT charge_period_start, service_name, x_consumed_quantity_before FROM usage_revision"
    revisions += " WHERE sub_account_id = 'my-env' AND x_consumed_quantity_after IS NULL ORDER BY 1, 2"
    assert warehouse.query(revisions) == gone


def test_p5_a_key_that_is_narrowed_is_warned_of_and_nothing_is_lost(run_dag, api, datacoves_conn, warehouse):
    week = json.dumps({"start": "2025-01-01", "end": "2025-01-08"})
    run_dag("usage_backfill", "--conf", week)
    api.environments = ("abc123",)
    said = run_dag("usage_backfill", "--conf", week).said
    assert "Sub account 'def456' of Datacoves account 'a-project' no longer has usage" in said
    assert "Sub account 'my-env'" in said
    assert warehouse.query("SELECT DISTINCT sub_account_id FROM usage_daily") == [("abc123",)]
    kept = "SELECT DISTINCT sub_account_id FROM usage_revision WHERE x_consumed_quantity_after IS NULL ORDER BY 1"
    assert warehouse.query(kept) == [("def456",), ("my-env",)]


@pytest.fixture
def rename_connection(monkeypatch):
    """Give the usage connection the name that the DAG ``renamed`` has."""

    def rename() -> None:
        monkeypatch.setenv("AIRFLOW_CONN_DATACOVES_NEW", os.environ[f"AIRFLOW_CONN_{CONN_ID.upper()}"])
        monkeypatch.delenv(f"AIRFLOW_CONN_{CONN_ID.upper()}")

    return rename


def test_p5_a_renamed_connection_without_an_account_id_begins_a_new_account_and_the_old_rows_stay(
    run_dag, api, set_datacoves_conn, warehouse, rename_connection, today, month_before
):
    set_datacoves_conn(billing_account_id="")
    run_dag("datacoves_usage_daily", str(today))
    before = warehouse.query(DAILY, account=CONN_ID)
    rename_connection()
    run = run_dag("renamed", str(today))
    assert run.xcom["billing_account_id"] == "datacoves_new"
    assert warehouse.query(DAILY, account=CONN_ID) == before
    check_minutes(api, warehouse, make_days(month_before, today), "datacoves_new")
    accounts = warehouse.query("SELECT billing_account_id, x_conn_id FROM usage_account ORDER BY 1")
    assert accounts == [(CONN_ID, CONN_ID), ("datacoves_new", "datacoves_new")]


def test_p5_a_renamed_connection_with_an_account_id_is_rejected_until_the_account_is_handed_over(
    run_dag, api, set_datacoves_conn, warehouse, rename_connection, today, month_before
):
    set_datacoves_conn(billing_account_id="acme")
    run_dag("datacoves_usage_daily", str(today))
    before = warehouse.query(DAILY, account="acme")
    rename_connection()
    run = run_dag("renamed", str(today))
    assert run.task == ("failed", 1, 2)  # at once: two tries were left
    assert f"is loaded through connection {CONN_ID!r}, not through 'datacoves_new'" in run.said
    assert "docs/ddl.md#handing-an-account-to-another-connection" in run.said
    assert warehouse.query(DAILY, account="acme") == before
    warehouse.query(find_block_after("handover", "docs/ddl.md"))
    assert run_dag("renamed", str(today)).xcom["loaded"] | {"records": 0} == {
        "days": 3,
        "records": 0,
        "added": 0,
        "changed": 0,
        "removed": 0,
    }
    check_minutes(api, warehouse, make_days(month_before, today), "acme")
    assert warehouse.query("SELECT billing_account_id, x_conn_id FROM usage_account") == [("acme", "datacoves_new")]


def test_p8_p10_a_run_with_a_rejected_key_fails_and_says_why_without_the_key(
    run_dag, api, set_datacoves_conn, warehouse, today
):
    set_datacoves_conn(password="not-the-key-but-secret")
    api.echo_key = True
    run = run_dag("datacoves_usage_daily", str(today))
    assert run.task == ("failed", 1, 2)
    assert "Check the API key in the connection's password field" in run.said
    assert "AirflowFailException" in run.said
    assert "not-the-key-but-secret" not in run.said
    assert warehouse.query("SELECT count(*) FROM usage_daily") == [(0,)]
