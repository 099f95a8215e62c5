"""The names that OpenLineage's naming specification gives to tables of Snowflake, which are in upper case."""

from __future__ import annotations

import json

import pytest

from datacoves_usage_provider.operators.lineage import Tables


@pytest.mark.parametrize(("schema", "expected"), [(None, "FINOPS.USAGE"), ("raw", "FINOPS.RAW")])
def test_snowflake_tables_are_named_by_account_database_and_schema(monkeypatch, schema, expected):
    extra = {"account": "org-account", "database": "finops"}
    connection = {"conn_type": "snowflake", "login": "me", "password": "hidden", "schema": "usage", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_A_WAREHOUSE", json.dumps(connection))
    ((namespace, name),) = Tables("a_warehouse", schema, ["usage_daily"]).name_datasets()
    assert (namespace, name) == ("snowflake://org-account", f"{expected}.USAGE_DAILY")
