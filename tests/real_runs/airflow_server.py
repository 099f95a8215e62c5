"""A running Airflow: scheduler, DAG processing and REST API, with the DAGs beside this file."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.real_runs.cases import AIRFLOW
from tests.real_runs.processes import Processes

MIGRATE_SECONDS = 60

_DAGS = Path(__file__).with_name("dags")


@dataclass(frozen=True)
class AirflowServer:
    """``url`` is the origin of the REST API; ``home`` holds the processes' and the tasks' logs."""

    url: str
    home: Path
    processes: Processes


@contextmanager
def run_airflow(home: Path, database_uri: str, connections: Mapping[str, str]) -> Iterator[AirflowServer]:
    """
    Run Airflow over an empty PostgreSQL database (SQLite locks when several processes write) until the block ends.

    :param home: an empty folder
    :param connections: Airflow connections as JSON, by their id
    """
    port = _find_free_port()
    settings = _COMMON | {"AIRFLOW_HOME": str(home), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_uri}
    settings |= _settings_of_2() if AIRFLOW == 2 else _settings_of_3(port)
    settings |= {f"AIRFLOW_CONN_{conn_id.upper()}": connection for conn_id, connection in connections.items()}
    with Processes(home, _inherited() | settings) as processes:
        processes.run("migrate", "-m", "airflow", "db", "migrate", seconds=MIGRATE_SECONDS)
        if AIRFLOW == 2:
            _start_2(home, processes, port)
        else:
            _start_3(processes, port)
        yield AirflowServer(f"http://127.0.0.1:{port}", home, processes)


_COMMON = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
}


def _settings_of_2() -> dict[str, str]:
    return {
        "AIRFLOW__CORE__DAGS_FOLDER": str(_DAGS / "unpartitioned"),
        "AIRFLOW__API__AUTH_BACKENDS": "airflow.api.auth.backend.default",
        "AIRFLOW__WEBSERVER__SECRET_KEY": "real-runs",
    }


def _settings_of_3(port: int) -> dict[str, str]:
    return {
        "AIRFLOW__CORE__DAGS_FOLDER": str(_DAGS),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__API__SECRET_KEY": "real-runs",
        "AIRFLOW__API_AUTH__JWT_SECRET": "real-runs-" * 8,
    }


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}


def _start_2(home: Path, processes: Processes, port: int) -> None:
    home.joinpath("webserver_config.py").write_text("AUTH_ROLE_PUBLIC = 'Admin'\n")
    processes.start("scheduler", "-m", "airflow", "scheduler", "--skip-serve-logs")
    processes.start("webserver", "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "airflow.www.app:cached_app()")


def _start_3(processes: Processes, port: int) -> None:
    processes.start("dag-processor", "-m", "airflow", "dag-processor")
    processes.start("api-server", "-m", "airflow", "api-server", "--host", "127.0.0.1", "--port", str(port))
    processes.start("scheduler", "-m", "airflow", "scheduler", "--skip-serve-logs")


def _find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
