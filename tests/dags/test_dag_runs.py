"""The DAG files, run by Airflow as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

DAGS = Path(__file__).parents[2] / "dags"
TODAY = datetime.now(timezone.utc).date()
THIS_MONTH = TODAY.replace(day=1)


def dags_test(dag_id: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "airflow", "dags", "test", dag_id, *arguments],
        env=os.environ | {"AIRFLOW__CORE__DAGS_FOLDER": str(DAGS)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("dag_id", "arguments", "first", "last"),
    [
        ("datacoves_usage_daily", [str(TODAY)], TODAY - timedelta(days=32), TODAY - timedelta(days=1)),
        (
            "datacoves_usage_monthly",
            [str(TODAY)],
            (THIS_MONTH - timedelta(days=1)).replace(day=1),
            THIS_MONTH - timedelta(days=1),
        ),
        (
            "usage_backfill",
            ["--conf", json.dumps({"start": "2025-01-15", "end": "2025-03-01", "filters": {"service": "airflow"}})],
            datetime(2025, 1, 15).date(),  # noqa: DTZ001 (a day has no zone)
            datetime(2025, 2, 28).date(),  # noqa: DTZ001
        ),
    ],
)
def test_a_run_loads_its_days(airflow_db, datacoves_conn, postgres_warehouse, dag_id, arguments, first, last):
    result = dags_test(dag_id, *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    days = "SELECT DISTINCT charge_period_start FROM usage_daily ORDER BY 1"
    expected = [(first + timedelta(days=n),) for n in range((last - first).days + 1)]
    assert postgres_warehouse.query(days) == expected
    assert postgres_warehouse.query("SELECT DISTINCT x_dag_id FROM usage_daily") == [(dag_id,)]


def days_loaded(warehouse) -> list:
    return [row[0] for row in warehouse.query("SELECT DISTINCT charge_period_start FROM usage_load_log ORDER BY 1")]


def test_p7_a_dag_that_was_paused_for_three_weeks_heals_itself(airflow_db, api, datacoves_conn, postgres_warehouse):
    before = TODAY - timedelta(days=21)
    for day in (before, TODAY):
        result = dags_test("datacoves_usage_daily", str(day))
        assert result.returncode == 0, result.stdout + result.stderr
    assert "(21 of 21 days)" in result.stdout + result.stderr  # the 20 that were missed, and yesterday
    expected = [before - timedelta(days=32) + timedelta(days=n) for n in range(32 + 21)]
    assert days_loaded(postgres_warehouse) == expected
    rows = postgres_warehouse.query("SELECT sum(consumed_quantity) FROM usage_daily")
    services = ("airflow", "airbyte", "unknown")
    total = sum(api.total(slug, service, expected[0], TODAY) for slug in api.environments for service in services)
    assert rows == [(total,)]


def test_p5_a_key_that_is_narrowed_is_warned_of_and_nothing_is_lost(
    airflow_db, api, datacoves_conn, postgres_warehouse
):
    month = json.dumps({"start": "2025-01-01", "end": "2025-01-08"})
    dags_test("usage_backfill", "--conf", month)
    api.environments = ("abc123",)
    result = dags_test("usage_backfill", "--conf", month)
    said = result.stdout + result.stderr
    assert "Sub account 'def456' of Datacoves account 'a-project' has no usage any more" in said
    assert "Sub account 'my-env'" in said
    assert postgres_warehouse.query("SELECT DISTINCT sub_account_id FROM usage_daily") == [("abc123",)]
    kept = "SELECT DISTINCT sub_account_id FROM usage_revision WHERE x_consumed_quantity_after IS NULL ORDER BY 1"
    assert postgres_warehouse.query(kept) == [("def456",), ("my-env",)]


def test_p8_p10_a_run_with_a_refused_key_fails_and_says_why_without_the_key(
    airflow_db, api, set_datacoves_conn, postgres_warehouse
):
    set_datacoves_conn(password="not-the-key-but-secret")
    api.echo_key = True
    result = dags_test("datacoves_usage_daily", str(TODAY))
    said = result.stdout + result.stderr
    assert "Check the API key in the connection's password field" in said
    assert "AirflowFailException" in said
    assert "not-the-key-but-secret" not in said
    assert postgres_warehouse.query("SELECT count(*) FROM usage_daily") == [(0,)]
