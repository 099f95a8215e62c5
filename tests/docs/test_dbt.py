"""The dbt source describes the tables as they are."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.docs.made_usage import ALL_TABLES, ALL_VIEWS, VIEW_KEYS
from tests.docs.markdown import read

(SOURCE,) = yaml.safe_load(read("docs/dbt/models/sources.yml"))["sources"]
DESCRIBED = {table["name"]: table for table in SOURCE["tables"]}
TABLES = {table.name: table for table in ALL_TABLES}
VIEWS = {view.name: view for view in ALL_VIEWS}


@pytest.mark.parametrize("table", [*TABLES.values(), *VIEWS.values()], ids=lambda table: table.name)
def test_the_columns_are_those_of_the_table(table):
    described = [column["name"] for column in DESCRIBED[table.name]["columns"]]
    assert described == [column.name for column in table.columns]


def test_every_table_and_view_is_described_and_nothing_else():
    assert set(DESCRIBED) == {*TABLES, *VIEWS}


def test_everything_has_a_description():
    columns = [column for table in DESCRIBED.values() for column in table["columns"]]
    assert [thing["name"] for thing in (SOURCE, *DESCRIBED.values(), *columns) if not thing.get("description")] == []


@pytest.mark.parametrize("name", TABLES)
def test_the_columns_that_must_not_be_null_are_those_that_the_table_says(name):
    tested = {column["name"] for column in DESCRIBED[name]["columns"] if column.get("data_tests") == ["not_null"]}
    assert tested == {column.name for column in TABLES[name].columns if not column.nullable}


@pytest.mark.parametrize("table", [table for table in TABLES.values() if list(table.primary_key)], ids=str)
def test_the_whole_key_is_tested_for_uniqueness(table):
    assert _find_unique_columns(DESCRIBED[table.name], table) == {column.name for column in table.primary_key}


@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
def test_the_whole_key_of_a_view_is_tested_for_uniqueness(view):
    assert _find_unique_columns(DESCRIBED[view.name], view) == VIEW_KEYS[view.name]


def _find_unique_columns(described: dict[str, Any], table: Any) -> set[str]:
    """Return the columns of ``table`` that its test of uniqueness names."""
    (test,) = described["data_tests"]
    words = set(test["unique"]["column_name"].replace("(", " ").replace(")", " ").replace(",", " ").split())
    return words & {column.name for column in table.columns}


def test_freshness_is_measured_where_each_run_leaves_a_trace():
    measured = {name for name, table in DESCRIBED.items() if table.get("freshness", SOURCE["freshness"])}
    assert measured == {"usage_load_log"}
    assert SOURCE["loaded_at_field"] in TABLES["usage_load_log"].columns
