"""P8: an error of the warehouse says what it left behind, and that is true."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.allocation.environment import Environment
from datacoves_usage_provider.allocation.warehouse import AllocationWarehouse
from datacoves_usage_provider.chunk import VendorMonth
from datacoves_usage_provider.exceptions import DOCS, UsageConfigError
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.warehouse.tables import Provenance, make_tables
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import make_chunk

RUN = Provenance("a_conn", "a_dag", "a_run")
FIRST, SECOND = (
    make_chunk("analytics", (f"2026-11-0{day}", f"2026-11-0{day + 1}"), {(f"2026-11-0{day}", "abc123", "airflow"): 1})
    for day in (1, 2)
)
FORBID = "LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''forbidden'' USING ERRCODE = ''insufficient_privilege''; END'"


def find_tables(warehouse: Any) -> list[str]:
    return inspect(create_engine(warehouse.uri, poolclass=NullPool)).get_table_names()


def forbid_views(warehouse: Any) -> None:
    warehouse.query(f"CREATE FUNCTION forbid() RETURNS event_trigger {FORBID}")
    warehouse.query(
        "CREATE EVENT TRIGGER forbid ON ddl_command_start WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION forbid()"
    )


def take_the_name_of_the_view(warehouse: Any) -> None:
    warehouse.query("CREATE TABLE mine (a INTEGER)")
    warehouse.query("CREATE INDEX usage_monthly ON mine (a)")


@pytest.mark.parametrize(
    ("warehouse", "prevent", "reason"),
    [
        ("postgres", forbid_views, "the user lacks a right (forbidden"),
        ("sqlite", take_the_name_of_the_view, "an index has the name"),
    ],
    indirect=["warehouse"],
)
def test_p8_tables_that_were_created_before_an_error_are_named(warehouse, prevent, reason):
    prevent(warehouse)
    with pytest.raises(UsageConfigError) as caught:
        Warehouse.connect(warehouse.conn_id, None).prepare()
    names = [table.name for table in make_tables(None).all]
    assert reason in str(caught.value)
    assert f"Created before that: {', '.join(names)}. What to do: {DOCS}/" in str(caught.value)
    assert set(names) <= set(find_tables(warehouse))


def test_p8_a_name_that_is_taken_on_postgresql_is_an_error_that_says_what_is_true(postgres_warehouse):
    """SQLAlchemy 1.4 takes the index for a table, which is checked before anything is created."""
    take_the_name_of_the_view(postgres_warehouse)
    with pytest.raises(
        UsageConfigError, match="something else has the name|usage_monthly .* is an index, not a view"
    ) as caught:
        Warehouse.connect(postgres_warehouse.conn_id, None).prepare()
    found = find_tables(postgres_warehouse)
    created = ", ".join(table.name for table in make_tables(None).all if table.name in found)
    end = f"Created before that: {created}." if created else "Nothing was created or loaded."
    assert end in str(caught.value)


def test_p8_tables_that_were_there_already_are_not_named_as_created(postgres_warehouse):
    opened = Warehouse.connect(postgres_warehouse.conn_id, None)
    opened.prepare()
    postgres_warehouse.query("DROP VIEW usage_monthly")
    forbid_views(postgres_warehouse)
    with pytest.raises(UsageConfigError, match="Created before that: nothing. What to do: "):
        opened.prepare()


@pytest.mark.parametrize("warehouse", ["sqlite", "postgres"], indirect=True)
def test_p8_an_error_after_an_allocation_does_not_say_that_nothing_was_allocated(warehouse):
    opened = AllocationWarehouse.connect(warehouse.conn_id, None)
    opened.prepare()
    warehouse.query("DROP TABLE usage_reconciliation")
    environment = Environment(FIRST.account, "abc123")
    with pytest.raises(UsageConfigError, match=r"missing.* What was allocated stays. What to do: "):
        opened.read_startups(environment, FIRST.days)


@pytest.fixture
def closed(postgres_warehouse) -> Warehouse:
    """A warehouse with a day loaded, whose load log and vendor's months take no further row."""
    opened = Warehouse.connect(postgres_warehouse.conn_id, None)
    opened.prepare()
    opened.load(FIRST, RUN)
    postgres_warehouse.query(f"CREATE FUNCTION forbid() RETURNS trigger {FORBID}")
    for table in ("usage_load_log", "usage_vendor_month"):
        postgres_warehouse.query(f"CREATE TRIGGER forbid BEFORE INSERT ON {table} EXECUTE FUNCTION forbid()")
    return opened


def test_p8_a_load_that_fails_says_which_days_are_not_loaded(closed, postgres_warehouse):
    with pytest.raises(UsageConfigError, match="Nothing of 2026-11-02 was loaded; what was loaded before stays. What"):
        closed.load(SECOND, RUN)
    assert [str(day) for (day,) in postgres_warehouse.query("SELECT charge_period_start FROM usage_daily")] == [
        "2026-11-01"
    ]


def test_p8_a_vendors_month_that_fails_says_that_the_days_stay(closed, postgres_warehouse):
    month = VendorMonth(FIRST.account, FIRST.window.start, Scope(), FIRST.records)
    with pytest.raises(UsageConfigError, match="The vendor's figures of 2026-11 were not loaded; the days stay. What"):
        closed.load_month(month, RUN)
    assert postgres_warehouse.query("SELECT count(*) FROM usage_daily") == [(1,)]
