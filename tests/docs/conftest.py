"""Tables that an administrator made, for a user without any right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.docs.test_ddl import SCHEMA, read_ddl


@pytest.fixture
def tables_by_hand(postgres_warehouse, monkeypatch) -> Iterator[object]:
    """The tables in a schema, made by the superuser; the Airflow connection is that of a user without any right."""
    statements = "; ".join(read_ddl("postgresql"))
    postgres_warehouse.query(f"CREATE SCHEMA {SCHEMA}; SET search_path TO {SCHEMA}; {statements}")
    postgres_warehouse.query("CREATE ROLE usage LOGIN")
    connect_as_usage(postgres_warehouse, monkeypatch)
    yield postgres_warehouse
    postgres_warehouse.query("DROP OWNED BY usage")
    postgres_warehouse.query("DROP ROLE usage")


def connect_as_usage(warehouse, monkeypatch) -> None:
    parts = urlsplit(warehouse.uri)
    connection = {"conn_type": "postgres", "host": parts.hostname, "port": parts.port, "login": "usage"}
    connection["schema"] = parts.path.removeprefix("/")
    monkeypatch.setenv(f"AIRFLOW_CONN_{warehouse.conn_id.upper()}", json.dumps(connection))
