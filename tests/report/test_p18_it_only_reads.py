"""The page reads within its time, writes nothing, and says in a sentence what is the matter."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.compat import is_airflow_3
from datacoves_usage_provider.exceptions import UsageConfigError, WarehouseUnavailableError
from datacoves_usage_provider.page import content
from datacoves_usage_provider.warehouse.reader import WarehouseReader
from tests.support.statements import watching
from tests.support.stopwatch import stopwatch

ACTIVE = """
    SELECT count(*) FROM pg_stat_activity
    WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' AND pid <> pg_backend_pid()
"""
TABLES = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'",
}
CONN = "AIRFLOW_CONN_USAGE_WAREHOUSE"


def test_p18_a_page_writes_nothing(running_usage, warehouse):
    seen = []
    with watching(seen.append):
        page = content.show_usage({"days": "92"})
    assert page.status == 200
    words = {statement.split()[0].upper() for statement in seen}
    assert words <= {"SELECT", "WITH", "BEGIN"}
    assert "COMMIT" not in seen


def test_p18_the_database_refuses_what_would_write(reader):
    with pytest.raises((UsageConfigError, WarehouseUnavailableError)):
        reader.read([], lambda connection, _: connection.execute(text("CREATE TABLE made (x INTEGER)")))


def test_p18_an_empty_warehouse_is_a_sentence_and_stays_empty(warehouse):
    if warehouse.dialect == "sqlite":
        warehouse.query("SELECT 1")  # makes the file
    page = content.show_usage({})
    assert (page.status, "Nothing was collected yet" in page.html) == (200, True)
    assert warehouse.query(TABLES[warehouse.dialect]) == [(0,)]


def test_p18_a_sqlite_file_that_is_not_there_is_not_made(sqlite_warehouse):
    page = content.show_usage({})
    path = Path(sqlite_warehouse.uri.removeprefix("sqlite:///"))
    assert (page.status, path.exists()) == (500, False)
    assert "Warehouse connection &#39;usage_warehouse&#39;: there is no SQLite file" in page.html
    assert "created by the first task that collects" in page.html


def test_p18_a_missing_connection_says_what_to_do(monkeypatch, airflow_db):
    monkeypatch.delenv(CONN, raising=False)
    page = content.show_usage({})
    assert page.status == 500
    assert "There is no connection &#39;usage_warehouse&#39;" in page.html
    assert "sql_conn_id of [datacoves_usage]" in page.html


def test_p18_tables_of_another_version_are_a_sentence(warehouse):
    for table in ("usage_daily", "usage_load_log", "usage_revision", "usage_account"):
        warehouse.query(f"CREATE TABLE {table} (service_provider_name VARCHAR(255), billing_account_id VARCHAR(255))")
    page = content.show_usage({})
    assert page.status in (500, 503)
    assert "Warehouse connection &#39;usage_warehouse&#39;" in page.html


def test_p18_half_of_the_tables_are_nothing_yet(warehouse):
    warehouse.query("CREATE TABLE usage_daily (service_provider_name VARCHAR(255))")
    assert "Nothing was collected yet" in content.show_usage({}).html


@pytest.mark.parametrize(
    "dag_id", ["a\0dag", "x" * 9000, "' OR 1 = 1 --", "%s %(x)s :y"], ids=["NUL", "long", "SQL", "%"]
)
def test_p18_a_dag_that_cannot_be_is_one_without_usage(running_usage, dag_id):
    page = content.show_dag(dag_id, {})
    assert (page.status, "No minutes are allocated to the DAG" in page.html) == (200, True)


@pytest.mark.parametrize(
    "missing", ["usage_cost_by_dag", "usage_cost_monthly", "usage_budget", "usage_budget_status", "usage_alert"]
)
def test_p18_what_is_missing_leaves_its_part_out(running_usage, warehouse, missing):
    kind = "VIEW" if "cost" in missing else "TABLE"
    warehouse.query(f"DROP {kind} {missing}{' CASCADE' if warehouse.dialect == 'postgresql' else ''}")
    page = content.show_usage({})
    assert (page.status, "Worker Minutes by day" in page.html) == (200, True)


def test_p18_a_table_that_is_locked_is_waited_for_briefly(postgres_warehouse):
    postgres_warehouse.query("CREATE TABLE usage_daily (x INTEGER)")
    reader = WarehouseReader.connect(postgres_warehouse.conn_id, None, seconds=1)
    with create_engine(postgres_warehouse.uri, poolclass=NullPool).begin() as other:
        other.execute(text("LOCK TABLE usage_daily"))
        with stopwatch() as read, pytest.raises(WarehouseUnavailableError):
            reader.read([], lambda connection, _: connection.execute(text("SELECT * FROM usage_daily")))
    assert read() < 4


def test_p18_a_slow_statement_is_ended_by_the_server(postgres_warehouse):
    reader = WarehouseReader.connect(postgres_warehouse.conn_id, None, seconds=1)
    with pytest.raises(WarehouseUnavailableError, match="took longer than .*1 seconds.*Try again later"):
        reader.read([], lambda connection, _: connection.execute(text("SELECT pg_sleep(60)")))
    time.sleep(0.5)
    assert postgres_warehouse.query(ACTIVE) == [(0,)]


def test_p18_a_server_that_says_nothing_is_left(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv(CONN, json.dumps({"conn_type": "postgres", "host": "127.0.0.1", "port": port}))
        reader = WarehouseReader.connect("usage_warehouse", None, seconds=2)
        with stopwatch() as read, pytest.raises(WarehouseUnavailableError, match="took longer than 1 seconds"):
            reader.read([], lambda connection, _: connection.execute(text("SELECT 1")))
    assert read() < 4


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p18_selects_see_one_state(warehouse, reader):
    def work(connection, _):
        first = connection.execute(text("SELECT count(*) FROM usage_daily")).scalar()
        warehouse.query("DELETE FROM usage_daily")
        return first, connection.execute(text("SELECT count(*) FROM usage_daily")).scalar()

    first, second = reader.read([], work)
    assert first == second > 0


LOADED = """
import airflow.plugins_manager, importlib.util, sys
before = set(sys.modules)
import datacoves_usage_provider.plugin
print(*sorted(set(sys.modules) - before))
"""


def test_p18_importing_the_plugin_loads_nothing_else():
    result = subprocess.run([sys.executable, "-W", "ignore", "-c", LOADED], capture_output=True, text=True, check=True)
    package = "datacoves_usage_provider"
    loaded = set(result.stdout.splitlines()[-1].split())
    assert loaded - {package} == {f"{package}.compat", f"{package}.plugin"}


def test_p18_a_page_that_cannot_be_built_leaves_airflow_alone(monkeypatch, caplog):
    from datacoves_usage_provider.plugin import UsagePlugin

    monkeypatch.setitem(sys.modules, "datacoves_usage_provider.page.airflow_3", None)
    monkeypatch.setitem(sys.modules, "datacoves_usage_provider.page.airflow_2", None)
    assert (UsagePlugin().fastapi_apps if is_airflow_3() else UsagePlugin().appbuilder_views) == []
    assert "The usage page is left out" in caplog.text


if is_airflow_3():  # Airflow 2 has no such views, and shows errors by itself

    def test_p18_an_option_that_cannot_be_read_leaves_airflow_alone(monkeypatch, caplog):
        from airflow.configuration import conf

        from datacoves_usage_provider.plugin import UsagePlugin

        if not conf.has_section("datacoves_usage"):
            conf.add_section("datacoves_usage")
        # As a config file may have it.
        monkeypatch.setitem(conf._sections["datacoves_usage"], "sub_account_id", "50%(off)s")
        assert UsagePlugin().external_views == []
        assert "left out of the menu" in caplog.text

    @pytest.mark.filterwarnings("ignore:Using `httpx`")  # of what Airflow's API imports
    def test_p18_what_a_refusal_quotes_is_escaped():
        from fastapi import HTTPException

        from datacoves_usage_provider.page.airflow_3 import _explain

        response = _explain(None, HTTPException(400, "<script>alert(1)</script>"))
        assert b"<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" in response.body
