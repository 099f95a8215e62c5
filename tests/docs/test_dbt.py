"""The dbt source describes the tables as they are."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml
from sqlalchemy.dialects import postgresql

from tests.docs.made_usage import ALL_TABLES, ALL_VIEWS, VIEW_KEYS
from tests.docs.markdown import ROOT, read
from tests.support.costs import Rate, Used, prepare, write

PROJECT = ROOT / "docs" / "dbt"
SEEDS = {seed["name"]: seed for seed in yaml.safe_load(read("docs/dbt/seeds/seeds.yml"))["seeds"]}
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


@pytest.mark.parametrize(("seed", "file"), [("usage_rate", "rates.csv"), ("usage_budget", "budgets.csv")])
def test_a_seed_is_the_example_file_of_the_dag(seed, file):
    assert (PROJECT / "seeds" / f"{seed}.csv").read_text() == (ROOT / "dags" / "reference" / file).read_text()


@pytest.mark.parametrize("name", SEEDS)
def test_the_types_of_a_seed_are_those_of_the_table(name):
    expected = {column.name: column.type.compile(postgresql.dialect()).lower() for column in TABLES[name].columns}
    assert SEEDS[name]["config"]["column_types"] == expected


@pytest.mark.parametrize("name", SEEDS)
def test_the_columns_of_a_seed_that_must_not_be_null_are_those_that_the_table_says(name):
    tested = {column["name"] for column in SEEDS[name]["columns"] if "not_null" in column["data_tests"]}
    assert tested == {column.name for column in TABLES[name].columns if not column.nullable}


def run_sql(warehouse: Any, file: str) -> list[tuple[Any, ...]]:
    """Run a file of the project as dbt does where seeds and sources are in one schema."""
    text = re.sub(r"{{ \w+\((?:'usage', )?'(\w+)'\) }}", r"\1", (PROJECT / file).read_text())
    return warehouse.query(text)


def test_the_test_of_overlaps_finds_them(warehouse):
    prepare(warehouse)
    apart = [Rate(Decimal(1), date(2026, 1, 1), date(2026, 2, 1)), Rate(Decimal(1), date(2026, 2, 1))]
    write(warehouse, [], apart)
    assert run_sql(warehouse, "tests/rates_do_not_overlap.sql") == []
    write(warehouse, [], [*apart, Rate(Decimal(1), date(2026, 3, 1), service_name="*")])
    assert len(run_sql(warehouse, "tests/rates_do_not_overlap.sql")) == 1
    write(warehouse, [], [*apart, Rate(Decimal(2), date(2026, 1, 1), date(2026, 2, 1))])
    assert len(run_sql(warehouse, "tests/rates_do_not_overlap.sql")) == 1
    write(warehouse, [], [*apart, Rate(Decimal(2), date(2026, 1, 1), date(2026, 2, 1))])
    assert len(run_sql(warehouse, "tests/rates_do_not_overlap.sql")) == 1
    write(warehouse, [], [*apart, Rate(Decimal(2), date(2026, 1, 1), date(2026, 2, 1))])
    assert len(run_sql(warehouse, "tests/rates_do_not_overlap.sql")) == 1


def test_the_model_shows_what_the_months_cost(warehouse):
    prepare(warehouse)
    write(warehouse, [Used(date(2026, 11, 1), Decimal(3)), Used(date(2026, 12, 1), Decimal(4))], [Rate(Decimal(2))])
    rows = run_sql(warehouse, "models/cost_by_month.sql")
    assert sorted((str(row[0]), row[4], int(row[5]), int(row[6])) for row in rows) == [
        ("2026-11-01", "EUR", 6, 0),
        ("2026-12-01", "EUR", 8, 0),
    ]
