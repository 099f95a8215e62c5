"""P5, P6, P8: a load is the same whatever PostgreSQL's sessions are set to, and leaves nothing behind in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.changes import LoadCounts
from datacoves_usage_provider.warehouse.dialects.postgresql import PostgreSQL
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.promises.test_p5_any_text import NASTY, make_chunk

RUN = Provenance("a_conn", "a_dag", "a_run")
SETTINGS = [
    "client_encoding TO 'LATIN1'",
    "client_encoding TO 'SQL_ASCII'",
    "datestyle TO 'German, DMY'",
    "default_transaction_isolation TO 'serializable'",
    "standard_conforming_strings TO off",
    "timezone TO 'Asia/Tokyo'",
]


@pytest.fixture
def prepared() -> Iterator[list[Any]]:
    """The statements that sessions had prepared when their transactions ended."""
    found: list[Any] = []

    def look(connection: Any) -> None:
        found.extend(connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements"))

    for end in ("commit", "rollback"):
        event.listen(Engine, end, look)
    yield found
    for end in ("commit", "rollback"):
        event.remove(Engine, end, look)


@pytest.mark.parametrize("setting", SETTINGS)
def test_p5_any_setting_of_the_database(postgres_warehouse, run_on_server, setting):
    database = urlsplit(postgres_warehouse.uri).path.removeprefix("/")
    run_on_server(f"ALTER DATABASE {database} SET {setting}")
    warehouse = Warehouse.connect(postgres_warehouse.conn_id, None)
    warehouse.prepare()
    assert warehouse.load(make_chunk(NASTY), RUN).count() == LoadCounts(len(NASTY), 0, 0)
    assert warehouse.load(make_chunk(NASTY), RUN).count() == LoadCounts(0, 0, 0)
    run_on_server(f"ALTER DATABASE {database} RESET ALL")
    query = "SELECT resource_id, charge_period_start FROM usage_daily ORDER BY consumed_quantity"
    assert postgres_warehouse.query(query) == [(text, make_chunk(NASTY).window.start) for text in NASTY]


def test_p8_a_database_without_all_characters(postgres_warehouse, run_on_server):
    database = urlsplit(postgres_warehouse.uri).path.removeprefix("/")
    run_on_server(f"DROP DATABASE {database}")
    run_on_server(f"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
    warehouse = Warehouse.connect(postgres_warehouse.conn_id, None)
    warehouse.prepare()
    assert warehouse.load(make_chunk(["Société"]), RUN).count().added == 1
    with pytest.raises(UsageConfigError, match="the encoding of the database lacks a character"):
        warehouse.load(make_chunk(["日本語"]), RUN)
    assert postgres_warehouse.query("SELECT resource_id FROM usage_daily") == [("Société",)]


def test_p8_a_connection_of_another_driver_than_the_dialects(postgres_warehouse):
    """As the extra ``sqlalchemy_scheme`` of Airflow's PostgreSQL connections may make it."""
    import psycopg2  # not at the top: `make snowflake` collects this file, and does not need it

    with pytest.raises(UsageConfigError, match="^Airflow connection 'other' is one of psycopg2, but .* for psycopg: "):
        PostgreSQL().make_plain(psycopg2.connect(postgres_warehouse.uri), "psycopg", "Airflow connection 'other'")


def test_p6_nothing_is_prepared_since_a_pooler_hands_sessions_on(postgres_warehouse, prepared):
    """PgBouncer in its transaction mode: the next to prepare something would find that its name is taken."""
    warehouse = Warehouse.connect(postgres_warehouse.conn_id, None)
    for _ in range(3):
        warehouse.prepare()
        warehouse.load(make_chunk(NASTY), RUN)
    assert prepared == []
