"""A dataset has the name that OpenLineage's naming specification gives it, so that other tools mean the same one."""

from __future__ import annotations

import json

import pytest

from datacoves_usage_provider.operators.lineage import Tables

POSTGRES = {"conn_type": "postgres", "host": "db.example.com", "login": "me", "password": "hidden", "schema": "finops"}


@pytest.mark.parametrize(
    ("connection", "schema", "expected"),
    [
        (POSTGRES, "billing", ("postgres://db.example.com:5432", "finops.billing.usage_daily")),
        (POSTGRES | {"port": 6543}, "billing", ("postgres://db.example.com:6543", "finops.billing.usage_daily")),
    ],
)
def test_tables_are_named_by_host_database_and_schema(monkeypatch, connection, schema, expected):
    monkeypatch.setenv("AIRFLOW_CONN_A_WAREHOUSE", json.dumps(connection))
    assert list(Tables("a_warehouse", schema, ["usage_daily"]).name_datasets()) == [expected]


def test_without_a_schema_it_is_that_of_the_session(postgres_warehouse):
    ((namespace, name),) = Tables(postgres_warehouse.conn_id, None, ["usage_daily"]).name_datasets()
    assert namespace.startswith("postgres://")
    assert name.endswith(".public.usage_daily")
