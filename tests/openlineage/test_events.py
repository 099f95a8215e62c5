"""What Airflow's OpenLineage provider tells of each operator after a real run."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from datacoves_usage_provider.simulator import Airflow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def events(tmp_path, airflow_db, sqlite_warehouse, set_conns, monkeypatch) -> dict[tuple[str, str], Any]:
    """The last event of each task, by its type and the task's name."""
    dags = shutil.copytree(ROOT / "tests" / "openlineage" / "dags", tmp_path / "dags")
    shutil.copytree(ROOT / "dags" / "reference", dags / "reference")
    metadata = tmp_path / "airflow.db"
    with closing(sqlite3.connect(metadata)) as connection:
        Airflow(environment="abc123").write_tables(connection, date(2026, 11, 3), date(2026, 11, 4))
    set_conns()
    environment = {
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW_CONN_AIRFLOW_ABC123": json.dumps({"conn_type": "sqlite", "host": str(metadata)}),
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps({"type": "file", "log_file_path": str(tmp_path / "events.json")}),
        "REPORTS": str(tmp_path / "reports"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    airflow = [sys.executable, "-m", "airflow"]
    subprocess.run([*airflow, "dags", "reserialize"], check=True, cwd=ROOT, capture_output=True)
    run = subprocess.run(
        [*airflow, "dags", "test", "all_operators"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    lines = [line for path in tmp_path.glob("events.json*") for line in path.read_text().splitlines()]
    assert lines, run.stdout + run.stderr
    return {(event["eventType"], event["job"]["name"].partition(".")[2]): event for event in map(json.loads, lines)}


def find_datasets(event: dict[str, Any]) -> tuple[list[tuple[str, str]], ...]:
    """Return the inputs and the outputs, each by namespace and name."""
    return tuple([(each["namespace"], each["name"]) for each in event[side]] for side in ("inputs", "outputs"))


def test_each_operator_tells_what_it_has_read_and_written(events, tmp_path, sqlite_warehouse):
    database = sqlite_warehouse.uri.removeprefix("sqlite:///")

    def name(*tables: str) -> list[tuple[str, str]]:
        return [("sqlite", f"{database}.{table}") for table in tables]

    api = json.loads(os.environ["AIRFLOW_CONN_DATACOVES_BILLING_DEFAULT"])["host"].partition("/api")[0]
    expected = {
        "collect": ([(api, "datacoves_billing_default")], name("usage_daily", "usage_revision", "usage_load_log")),
        "sync": ([("file", str(tmp_path / "dags" / "reference" / "rates.csv"))], name("usage_rate")),
        "check": (
            name("usage_budget", "usage_daily", "usage_load_log", "usage_rate"),
            name("usage_budget_status", "usage_alert"),
        ),
        "allocate": (
            [("sqlite", f"{tmp_path / 'airflow.db'}.main.task_instance"), *name("usage_daily")],
            name("usage_allocation", "usage_reconciliation"),
        ),
        "report": (
            name(
                *("usage_daily", "usage_load_log", "usage_revision"),
                *("usage_cost_monthly", "usage_budget_status", "usage_alert", "usage_cost_by_dag"),
            ),
            [("file", str(tmp_path / "reports" / "usage-2026-11.html"))],
        ),
    }
    assert {task: find_datasets(events["COMPLETE", task]) for task in expected} == expected
    assert find_datasets(events["FAIL", "fail"]) == ([], [])
