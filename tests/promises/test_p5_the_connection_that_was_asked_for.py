"""P5: a task uses the connections that it names, also where Airflow drops their ids, and never the default ones."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from datacoves_usage_provider.compat import AirflowFailException, BaseHook
from datacoves_usage_provider.connections import get_hook
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.simulator import DatacovesBilling, Simulator
from tests.support.truth import loaded, query, read_all, truth

DROPPED_BY_AIRFLOW_2 = ["team@eu", "team eu", "größe", "t" * 251]
TEAM = DatacovesBilling(key="the-key-of-the-team-1234", environments=("team01",))

pytestmark = pytest.mark.filterwarnings("ignore:ProvidersManager.hooks is deprecated")  # Airflow 3's own use of it

Define = Callable[[str, dict[str, Any]], None]


@pytest.fixture(params=["environment variable", "secrets backend"])
def define(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[Define]:
    """Define connections in one of the places from which Airflow 2 takes an id that its form would reject."""
    file = tmp_path / "connections.json"
    connections: dict[str, dict[str, Any]] = {}

    def set_variable(conn_id: str, connection: dict[str, Any]) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(connection))

    def set_secret(conn_id: str, connection: dict[str, Any]) -> None:
        connections[conn_id] = connection
        file.write_text(json.dumps(connections))

    if request.param == "environment variable":
        yield set_variable
        return
    backend = "airflow.secrets.local_filesystem.LocalFilesystemBackend"
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND", backend)
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", json.dumps({"connections_file_path": str(file)}))
    forget_secrets_backends()
    yield set_secret
    forget_secrets_backends()


def forget_secrets_backends() -> None:
    """Airflow 3 makes them once in a process."""
    if find_spec("airflow.sdk"):
        from airflow.sdk.configuration import clear_secrets_backends_cache

        clear_secrets_backends_cache()


@pytest.fixture
def team() -> Iterator[Simulator]:
    with Simulator(TEAM) as running:
        yield running


@pytest.fixture
def team_connection(team: Simulator) -> dict[str, Any]:
    return {"conn_type": "datacoves_billing", "host": team.billing_url, "password": TEAM.key}


@pytest.mark.parametrize("conn_id", DROPPED_BY_AIRFLOW_2, ids=lambda conn_id: conn_id[:8])
def test_p5_the_usage_is_not_that_of_the_default_connection(
    define, team_connection, simulator, collect, sqlite_warehouse, conn_id
):
    define(conn_id, team_connection)
    assert collect(usage_conn_id=conn_id)["billing_account_id"] == conn_id
    assert simulator.requests == []
    assert loaded(sqlite_warehouse) == truth(TEAM, query("2026-11-21", "2026-11-22"))
    assert sqlite_warehouse.query("SELECT DISTINCT x_conn_id FROM usage_daily") == [(conn_id,)]


@pytest.mark.parametrize("conn_id", DROPPED_BY_AIRFLOW_2, ids=lambda conn_id: conn_id[:8])
def test_p5_the_warehouse_is_not_the_default_one_of_its_type(
    define, collect, postgres_warehouse, monkeypatch, run_on_server, conn_id
):
    connection = json.loads(os.environ["AIRFLOW_CONN_USAGE_WAREHOUSE"])
    define(conn_id, connection)
    run_on_server("CREATE DATABASE default_database")
    try:
        default = {**connection, "schema": "default_database"}
        monkeypatch.setenv("AIRFLOW_CONN_POSTGRES_DEFAULT", json.dumps(default))
        collect(sql_conn_id=conn_id)
        assert postgres_warehouse.query("SELECT * FROM usage_daily") != []
    finally:
        run_on_server("DROP DATABASE default_database WITH (FORCE)")


def test_p5_a_hook_that_a_person_makes_uses_its_connection(define, team_connection, datacoves_conn):
    define("team@eu", team_connection)
    hook = DatacovesBillingHook("team@eu")
    asked = query("2026-11-21", "2026-11-22")
    assert read_all(hook, asked) == truth(TEAM, asked)
    assert hook.settings.billing_account_id == "team@eu"
    assert "1 environment" in hook.test_connection()[1]


def test_p5_airflows_own_get_hook_never_falls_back_to_the_default(define, team_connection, datacoves_conn):
    define("team@eu", team_connection)
    connection = BaseHook.get_connection("team@eu")
    if connection.conn_id is None:
        with pytest.raises(UsageConfigError, match="Airflow 2 drops an id"):
            connection.get_hook()
    else:
        assert connection.get_hook().usage_conn_id == "team@eu"


def test_p5_a_wrong_connection_is_named_as_it_was_asked_for(define, team_connection, collect):
    define("team@eu", {**team_connection, "password": ""})
    with pytest.raises(AirflowFailException, match="Connection 'team@eu': the API key"):
        collect(usage_conn_id="team@eu", sql_conn_id=None)


def test_p5_a_hook_that_takes_another_connection_is_rejected(datacoves_conn, monkeypatch):
    monkeypatch.setattr(UsageHook, "__init__", lambda hook, usage_conn_id: setattr(hook, "usage_conn_id", "another"))
    with pytest.raises(UsageConfigError, match=f"uses connection 'another' instead of '{datacoves_conn}'"):
        get_hook(datacoves_conn, "usage API", UsageHook)
