"""The README's SQL runs on the tables as the package makes them, and its tables are those that the package makes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.warehouse.load import Provenance, replace_chunk
from datacoves_usage_provider.warehouse.schema import make_view_ddl, prepare_schema
from datacoves_usage_provider.warehouse.tables import make_tables
from datacoves_usage_provider.window import UsageWindow
from demo.run import BY_DAY, BY_MONTH
from tests.docs.markdown import find_block_after, find_blocks

DDL = find_block_after("ddl:start")
QUERIES = [block for block in find_blocks("sql") if block.text != DDL]
WINDOW = UsageWindow(date(2025, 10, 31), date(2025, 11, 2))


def load_two_days(uri: str) -> None:
    """Load 120 and 90 minutes of one environment and service, on the last day of a month and the first of the next."""
    engine = create_engine(uri, poolclass=NullPool)
    daily = make_tables(None).daily
    records = tuple(
        UsageRecord(
            sub_account_id="abc123",
            service_name="airflow",
            sku_meter="Worker Minutes",
            charge_period_start=day,
            consumed_quantity=Decimal(minutes),
            consumed_unit="Minutes",
        )
        for day, minutes in zip(WINDOW.days, (120, 90), strict=True)
    )
    chunk = UsageChunk("Datacoves", "analytics", WINDOW, WINDOW.days, {}, records, requests=2, retries=0)
    prepare_schema(engine, make_tables(None))
    replace_chunk(engine, daily, chunk, Provenance("datacoves_billing_default", "datacoves_usage_daily", "manual"))


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_every_query_finds_something(query, warehouse):
    load_two_days(warehouse.uri)
    assert warehouse.query(query.text)


def test_the_query_for_the_last_day_shows_that_day(warehouse):
    load_two_days(warehouse.uri)
    (row,) = warehouse.query(QUERIES[0].text)
    assert str(row[0]) == "2025-11-01"
    assert row[1:] == ("abc123", "airflow", 90)


def test_the_query_for_hours_shows_hours(warehouse):
    load_two_days(warehouse.uri)
    assert [float(row[2]) for row in warehouse.query(QUERIES[1].text)] == [2.0, 1.5]


def test_the_query_for_changes_shows_them(warehouse):
    load_two_days(warehouse.uri)
    assert [row[3] for row in warehouse.query(QUERIES[2].text)] == [-30, None]


def test_the_readmes_ddl_is_what_the_package_makes():
    engine = create_engine("postgresql://", poolclass=NullPool)
    daily = make_tables(None).daily
    made = f"{CreateTable(daily).compile(engine)}; {make_view_ddl(engine, daily)};"
    assert _without_layout(DDL) == _without_layout(made)


def _without_layout(sql: str) -> str:
    return "".join(sql.split())


def test_the_rights_that_the_readme_names_are_enough(postgres_warehouse):
    for statement in (*DDL.split(";")[:-1], "CREATE ROLE docs_reader LOGIN"):
        postgres_warehouse.query(statement)
    try:
        postgres_warehouse.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        postgres_warehouse.query("GRANT SELECT, INSERT, DELETE ON usage_daily TO docs_reader")
        load_two_days(postgres_warehouse.uri.replace("//postgres@", "//docs_reader@"))
        assert postgres_warehouse.query("SELECT sum(consumed_quantity) FROM usage_daily") == [(210,)]
    finally:
        postgres_warehouse.query("DROP OWNED BY docs_reader")
        postgres_warehouse.query("DROP ROLE docs_reader")


@pytest.mark.parametrize(("query", "parameters"), [(BY_DAY, ["2025-01-01"]), (BY_MONTH, [])], ids=["day", "month"])
def test_the_demo_prints_the_columns_that_the_readme_shows(query, parameters, tmp_path):
    load_two_days(f"sqlite:///{tmp_path}/usage.db")
    with closing(sqlite3.connect(tmp_path / "usage.db")) as connection:
        names = [column[0] for column in connection.execute(query, parameters).description]
    assert names in [line.split() for line in find_block_after("demo:start").splitlines()]
