"""An Airflow that has run every case of a task, and has allocated a bill by its own tables."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from datacoves_usage_provider.allocation.source import AirflowSource
from datacoves_usage_provider.allocation.tries import TaskRuns
from datacoves_usage_provider.simulator import DatacovesBilling, Simulator
from datacoves_usage_provider.window import UsageWindow
from tests.real_runs.airflow_server import SCHEDULER, run_airflow, start_scheduler
from tests.real_runs.tasks.audit import NOTHING, PodSeen
from tests.real_runs.tasks.running import (
    allocate,
    find_pods_of_yesterday,
    get_days,
    move_to_yesterday,
    run_all_cases,
)
from tests.support.days import wait_past_midnight

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Allocated:
    """
    What the executor and the operator saw of the same tasks.

    ``pods``: those of the executor. ``runs``: all that is read from Airflow's tables, also of what still runs.
    ``shares`` and ``reconciled``: the rows of ``usage_allocation`` and ``usage_reconciliation``.
    """

    pods: list[PodSeen]
    runs: TaskRuns
    shares: list[dict[str, Any]]
    reconciled: list[dict[str, Any]]


@pytest.fixture(scope="session")
def tasks_uri(postgres_server: str, run_on_server: Callable[[str], None]) -> str:
    """An empty PostgreSQL database, for Airflow."""
    run_on_server("CREATE DATABASE airflow_tasks")
    return postgres_server.removesuffix("postgres") + "airflow_tasks"


@pytest.fixture(scope="session")
def allocated(tmp_path_factory: pytest.TempPathFactory, tasks_uri: str) -> Allocated:
    wait_past_midnight()  # what still runs then would have run on a day that is allocated
    folder = tmp_path_factory.mktemp("tasks")
    audit, warehouse, home = folder / "audit.jsonl", folder / "usage.db", folder / "airflow"
    home.mkdir()
    settings = {
        "AIRFLOW__CORE__EXECUTOR": "audited_executor.AuditedExecutor",
        "AIRFLOW__CORE__PARALLELISM": "16",  # nothing waits inside of the executor
        "AUDIT": str(audit),
        "EXECUTIONS": str(folder),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH")))),
    }
    api = DatacovesBilling()
    with Simulator(api) as simulator:
        connections = {
            "datacoves_billing_default": api.make_connection(simulator.url).to_json(),
            "usage_warehouse": json.dumps({"conn_type": "sqlite", "host": str(warehouse)}),
            "airflow_db": tasks_uri,
        }
        with run_airflow(home, tasks_uri, HERE / "dags", connections, settings) as server:
            run_all_cases(server, audit, executions=folder)
            # Airflow 2.10 may take a task for dead that was cleared while it ran, and end it once more much later.
            # A scheduler that is asked to stop has its tasks fail; what runs is to have no end.
            server.processes.kill(SCHEDULER)
            move_to_yesterday(tasks_uri)
            start_scheduler(server)
            pods, days = find_pods_of_yesterday(audit), get_days()
            for day in days:
                ran = sum((pod.measure(day) for pod in pods), NOTHING)
                api.restate("abc123", "airflow", day, ceil(ran / timedelta(minutes=1)))
            allocate(server, days[0], days[-1] + timedelta(days=1))
            runs = _read_runs(tasks_uri, days[0])
    return Allocated(pods, runs, _read(warehouse, "usage_allocation"), _read(warehouse, "usage_reconciliation"))


def _read_runs(metadata_uri: str, start: date) -> TaskRuns:
    with patch.dict(os.environ, {"AIRFLOW_CONN_AIRFLOW_DB": metadata_uri}):
        return AirflowSource.connect("airflow_db", None).read(UsageWindow(start, start + timedelta(days=4))).runs


def _read(warehouse: Path, table: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(warehouse)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table} WHERE service_name = 'airflow'")]
