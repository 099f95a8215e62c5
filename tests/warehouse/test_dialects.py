"""Which databases are rejected, which are a warning, and what an engine that only reads leaves out."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.models import Connection
from airflow.providers.common.sql.hooks.sql import DbApiHook
from sqlalchemy import create_engine
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import NullPool

from datacoves_usage_provider import connections
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.engine import open_engine
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import make_chunk

CHUNK = make_chunk("analytics", ("2026-11-01", "2026-11-02"), {("2026-11-01", "abc123", "airflow"): 120})
RUN = Provenance("a_conn", "a_dag", "a_run")
UNFIT = {"redshift": "state in which it began", "databricks": "commits each statement"}


class HookWithoutDialect:
    """Of a provider whose SQLAlchemy dialect is not installed."""

    def __init__(self, conn_type: str) -> None:
        self.conn_type = conn_type

    def get_connection(self, conn_id: str) -> Connection:
        return Connection(conn_id)

    def get_sqlalchemy_engine(self, _: Any) -> Any:
        raise NoSuchModuleError(f"Can't load plugin: sqlalchemy.dialects:{self.conn_type}")


@pytest.mark.parametrize("kind", UNFIT)
def test_a_database_that_cannot_keep_the_promises_is_rejected_with_the_reason(kind, monkeypatch):
    monkeypatch.setattr(connections, "get_hook", lambda *_: HookWithoutDialect(kind))
    with pytest.raises(UsageConfigError) as caught:
        Warehouse.connect("usage_warehouse", None)
    said = str(caught.value)
    assert said.startswith(f"Warehouse connection 'usage_warehouse' is {kind.capitalize()}, ")
    assert UNFIT[kind] in said
    assert "docs/operate.md#" in said


@pytest.mark.parametrize("kind", UNFIT)
def test_it_is_rejected_by_its_dialect_too_whatever_the_type_of_the_connection(kind, postgres_warehouse):
    engine = create_engine(postgres_warehouse.uri, poolclass=NullPool)
    engine.dialect.name = kind
    assert UNFIT[kind] in find_database(engine.dialect).find_obstacle(engine.url)


def test_a_dialect_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(connections, "get_hook", lambda *_: HookWithoutDialect("mssql"))
    with pytest.raises(UsageConfigError, match="'usage_warehouse' does not give an SQLAlchemy engine: .*mssql"):
        open_engine("usage_warehouse")


class HookWithoutScheme(DbApiHook):
    """Airflow writes its type with - into the URL, where SQLAlchemy takes no - in front of ://."""

    conn_type = "my_db"
    conn_name_attr = "conn_id"


def test_p8_a_url_that_is_none_is_final_and_not_shown(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_USAGE_WAREHOUSE", '{"conn_type": "my_db", "host": "h", "password": "hunter2/4"}')
    monkeypatch.setattr(connections, "get_hook", lambda *_: HookWithoutScheme("usage_warehouse"))
    with pytest.raises(UsageConfigError, match="'usage_warehouse' does not give an SQLAlchemy engine") as caught:
        open_engine("usage_warehouse")
    assert "hunter2" not in str(caught.value)


def open_unknown(warehouse: Any) -> Warehouse:
    """PostgreSQL under the name of a database that is not known here."""
    engine = create_engine(warehouse.uri, poolclass=NullPool)
    engine.dialect.name = "cockroachdb"
    find_database(engine.dialect).prepare_for_loads(engine)
    return Warehouse(engine, None, "usage_warehouse")


def test_an_unknown_database_is_a_warning_that_names_it(postgres_warehouse):
    (warning,) = open_unknown(postgres_warehouse).warnings
    assert "'usage_warehouse'" in warning
    assert "cockroachdb" in warning
    assert "docs/operate.md#" in warning


def test_an_unknown_database_is_loaded_nevertheless(postgres_warehouse):
    unknown = open_unknown(postgres_warehouse)
    unknown.prepare()
    assert unknown.load(CHUNK, RUN).count().added == 1
    assert unknown.load(CHUNK, RUN).count().changed == 0


def test_a_database_that_is_tested_is_no_warning(warehouse):
    assert list(Warehouse.connect(warehouse.conn_id, None).warnings) == []


LIMITS = "SELECT current_setting('lock_timeout'), current_setting('row_security')"


def test_an_engine_for_reading_sets_no_limits_of_loads(postgres_warehouse):
    loading = Warehouse.connect(postgres_warehouse.conn_id, None)
    with open_engine(postgres_warehouse.conn_id).begin() as connection:
        assert tuple(connection.exec_driver_sql(LIMITS).one()) == ("0", "on")
    with loading._engine.begin() as connection:
        assert tuple(connection.exec_driver_sql(LIMITS).one()) == ("1min", "off")


def test_an_engine_for_reading_reads_what_was_loaded(warehouse):
    loading = Warehouse.connect(warehouse.conn_id, None)
    loading.prepare()
    loading.load(CHUNK, RUN)
    with open_engine(warehouse.conn_id).connect() as connection:
        assert connection.exec_driver_sql("SELECT sub_account_id FROM usage_monthly").scalar() == "abc123"
