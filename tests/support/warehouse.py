"""The databases that a test loads into, as Airflow connections."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

CONN_ID = "usage_warehouse"


@dataclass(frozen=True)
class WarehouseDatabase:
    """An empty database behind the Airflow connection ``conn_id``; ``uri`` is for SQLAlchemy."""

    conn_id: str
    dialect: str
    uri: str

    def query(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement with ``:name`` parameters in a transaction of its own; return its rows, if it has any."""
        with create_engine(self.uri, poolclass=NullPool).begin() as connection:
            result = connection.execute(text(sql), parameters)
            return [tuple(row) for row in result] if result.returns_rows else []

    def drop_key(self, table: str) -> None:
        """Make ``table`` anew without its primary key, so that it takes any row, as on Snowflake."""
        self.query(f"CREATE TABLE keyless AS SELECT * FROM {table}")
        self.query(f"DROP TABLE {table}")
        self.query(f"ALTER TABLE keyless RENAME TO {table}")


@pytest.fixture
def sqlite_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WarehouseDatabase:
    path = tmp_path / "warehouse.db"
    _set_connection(monkeypatch, conn_type="sqlite", host=str(path))
    return WarehouseDatabase(CONN_ID, "sqlite", f"sqlite:///{path}")


@pytest.fixture
def postgres_warehouse(postgres_uri: str, monkeypatch: pytest.MonkeyPatch) -> WarehouseDatabase:
    parts = urlsplit(postgres_uri)
    _set_connection(
        monkeypatch,
        conn_type="postgres",
        host=parts.hostname,
        port=parts.port,
        login=parts.username,
        schema=parts.path.removeprefix("/"),
    )
    return WarehouseDatabase(CONN_ID, "postgresql", postgres_uri)


@pytest.fixture
def snowflake_warehouse(monkeypatch: pytest.MonkeyPatch) -> Iterator[WarehouseDatabase]:
    """
    ``fakesnow``: Snowflake's own connector and SQLAlchemy dialect, talking to DuckDB instead.

    It has no locks to wait for, so the statement that limits waiting and reading does nothing there.
    """
    import fakesnow

    extra = {"account": "an_account", "database": "WAREHOUSE"}
    _set_connection(monkeypatch, conn_type="snowflake", login="someone", password="secret", schema="USAGE", extra=extra)
    with fakesnow.patch(nop_regexes=["ALTER SESSION SET"]):
        yield WarehouseDatabase(CONN_ID, "snowflake", "snowflake://someone:secret@an_account/WAREHOUSE/USAGE")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--warehouses", default="sqlite,postgres", help="the databases of tests that run on all of them")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = any("warehouse" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "warehouse" in metafunc.fixturenames and not chosen:
        metafunc.parametrize("warehouse", metafunc.config.getoption("warehouses").split(","), indirect=True)


@pytest.fixture
def warehouse(request: pytest.FixtureRequest) -> WarehouseDatabase:
    """Each of the databases in turn: a test that asks for it runs on all."""
    database: WarehouseDatabase = request.getfixturevalue(f"{request.param}_warehouse")
    return database


@pytest.fixture
def warehouse_conn(warehouse: WarehouseDatabase) -> str:
    return warehouse.conn_id


def _set_connection(monkeypatch: pytest.MonkeyPatch, **connection: Any) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONN_ID.upper()}", json.dumps(connection))
