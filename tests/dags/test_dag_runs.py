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
        ("datacoves_usage_daily", [str(TODAY)], TODAY - timedelta(days=3), TODAY - timedelta(days=1)),
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
