"""A running Airflow: scheduler, DAG processing, REST API and user interface."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import requests

from tests.real_runs.cases import AIRFLOW
from tests.real_runs.processes import Processes
from tests.real_runs.waiting import wait
from tests.support.ports import find_free_port

MIGRATE_SECONDS = 300
START_SECONDS = 300
SCHEDULER = "scheduler"
USER = "admin"
VIEWER = "viewer"


@dataclass(frozen=True)
class AirflowServer:
    """``url`` is the origin of REST API and interface; ``home`` holds the processes' and the tasks' logs."""

    url: str
    home: Path
    processes: Processes


@contextmanager
def run_airflow(
    home: Path,
    database_uri: str,
    dags: Path,
    connections: Mapping[str, str],
    settings: Mapping[str, str] = MappingProxyType({}),
    password: str | None = None,
) -> Iterator[AirflowServer]:
    """
    Run Airflow over an empty PostgreSQL database (SQLite locks when several processes write) until the block ends.

    :param home: an empty folder
    :param connections: Airflow connections as JSON, by their id
    :param settings: environment variables that win over those made here
    :param password: of both users, ``USER``, who is an admin, and ``VIEWER``; None: everything is open to everybody
    """
    port = find_free_port()
    environment = _COMMON | {"AIRFLOW_HOME": str(home), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_uri}
    environment |= {"AIRFLOW__CORE__DAGS_FOLDER": str(dags)}
    environment |= _settings_of_2() if AIRFLOW == 2 else _settings_of_3(port)
    environment |= _open_door(home) if password is None else _lock_door(home, password)
    environment |= {f"AIRFLOW_CONN_{conn_id.upper()}": connection for conn_id, connection in connections.items()}
    with Processes(home, _inherited() | environment | dict(settings)) as processes:
        processes.run("migrate", "-m", "airflow", "db", "migrate", seconds=MIGRATE_SECONDS)
        if AIRFLOW == 2 and password is not None:
            _add_users(processes, password)
        if AIRFLOW == 3:
            processes.start("dag-processor", "-m", "airflow", "dag-processor")
        processes.start("web", *_serve(port))
        server = AirflowServer(f"http://127.0.0.1:{port}", home, processes)
        _wait_for_web(server.url, processes)  # Airflow 3 loses a task whose first request to it is refused for long
        start_scheduler(server)
        yield server


def start_scheduler(server: AirflowServer) -> None:
    server.processes.start(SCHEDULER, "-m", "airflow", "scheduler", "--skip-serve-logs")


def serve_below(server: AirflowServer, path: str) -> str:
    """Start a second web server for the same Airflow, at a path such as ``/team`` of another port; return its URL."""
    port = find_free_port()
    url = f"http://127.0.0.1:{port}{path}"
    option = "AIRFLOW__WEBSERVER__BASE_URL" if AIRFLOW == 2 else "AIRFLOW__API__BASE_URL"
    server.processes.start(f"web-at{path.replace('/', '-')}", *_serve(port), **{option: url})
    _wait_for_web(url, server.processes)
    return url


def _serve(port: int) -> list[str]:
    if AIRFLOW == 2:
        return ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "airflow.www.app:cached_app()"]
    return ["-m", "airflow", "api-server", "--host", "127.0.0.1", "--port", str(port)]


def _wait_for_web(url: str, processes: Processes) -> None:
    wait(lambda: _find_trouble(f"{url}/"), START_SECONDS, processes)


def _find_trouble(url: str) -> list[str]:
    try:
        requests.get(url, timeout=START_SECONDS).raise_for_status()
    except requests.RequestException as error:
        return [str(error)]
    return []


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
        "AIRFLOW__WEBSERVER__SECRET_KEY": "real-runs",
        # A worker of the LocalExecutor ends the connections that it inherits, which its parent may be using again.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_ENABLED": "False",
    }


def _settings_of_3(port: int) -> dict[str, str]:
    return {
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__SECRET_KEY": "real-runs",
        "AIRFLOW__API_AUTH__JWT_SECRET": "real-runs-" * 8,
    }


def _open_door(home: Path) -> dict[str, str]:
    if AIRFLOW == 3:
        return {"AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True"}
    home.joinpath("webserver_config.py").write_text("AUTH_ROLE_PUBLIC = 'Admin'\n")
    return {"AIRFLOW__API__AUTH_BACKENDS": "airflow.api.auth.backend.default"}


def _lock_door(home: Path, password: str) -> dict[str, str]:
    if AIRFLOW == 2:
        return {}
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps({USER: password, VIEWER: password}))
    return {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin,{VIEWER}:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
    }


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}


def _add_users(processes: Processes, password: str) -> None:
    processes.run("sync-perm", "-m", "airflow", "sync-perm", seconds=MIGRATE_SECONDS)
    for user, role in ((USER, "Admin"), (VIEWER, "Viewer")):
        named = f"--username {user} --firstname A --lastname User --role {role} --email {user}@example.com".split()
        users = "-m", "airflow", "users", "create", *named, "--password", password
        processes.run("users", *users, seconds=MIGRATE_SECONDS)
