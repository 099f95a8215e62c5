"""P5: what a row says arrives as it is, by whatever way a database takes many rows, and in the load's transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.support.truth import window

NASTY = [
    "",
    " ",
    "\\",
    "\\.",
    "\\N",
    "\\n",
    "a\n\\.\nb",
    "tab\tline\nreturn\rboth\r\n",
    "\\\t\\\n\\",
    "'; DROP TABLE usage_daily; --",
    "\"quoted\", 'quoted'",
    "%s %(name)s :name ? $1 {x}",
    "null",
    "NULL",
    "Société Générale d'Été",
    "日本語 \U0001f4b8",
    "\x01\x07\x1f\x7f\x85\u2028\ufeff",
]
MANY = NASTY * 7
"""As many as PostgreSQL takes by COPY; the few come by INSERT."""
BOTH_WAYS = pytest.mark.parametrize("texts", [NASTY, MANY], ids=["few", "many"])


def make_chunk(texts: list[str]) -> UsageChunk:
    days = window("2026-11-20", "2026-11-21")
    records = tuple(
        UsageRecord(
            sub_account_id=f"{number}{text}",
            sub_account_name=text,
            service_name="s",
            resource_id=text,
            resource_name=text,
            meter=Meter("Runs", "Runs"),
            charge_period_start=date(2026, 11, 20),
            consumed_quantity=Decimal(number),
        )
        for number, text in enumerate(texts)
    )
    return UsageChunk(BillingAccount("P", "a\t\\account"), days, days.days, Scope(), records, requests=1, retries=0)


@pytest.fixture
def opened(warehouse) -> Warehouse:
    """A warehouse with its tables, that notes what it runs in ``statements``."""
    engine = create_engine(warehouse.uri, poolclass=NullPool)
    find_database(engine.dialect).prepare_for_loads(engine)
    opened = Warehouse(engine, None, warehouse.conn_id)
    opened.prepare()
    opened.statements = []
    event.listen(engine, "before_cursor_execute", lambda _, __, statement, *___: opened.statements.append(statement))
    return opened


def load(opened: Warehouse, texts: list[str]) -> None:
    opened.load(make_chunk(texts), Provenance("a\tconn", "a\\dag", "a\nrun"))


@BOTH_WAYS
def test_p5_any_text_arrives_as_it_is(opened, warehouse, texts):
    load(opened, texts)
    rows = warehouse.query(
        "SELECT sub_account_id, sub_account_name, resource_id, resource_name, billing_account_id, x_conn_id, x_dag_id, "
        "x_run_id, billing_currency FROM usage_daily ORDER BY consumed_quantity"
    )
    common = ("a\t\\account", "a\tconn", "a\\dag", "a\nrun", None)
    assert rows == [(f"{number}{text}", text, text, text, *common) for number, text in enumerate(texts)]


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p5_postgresql_takes_rows_by_copy(opened, warehouse):
    load(opened, [str(number) for number in range(6000)])
    inserted = [statement.split("(")[0] for statement in opened.statements if "usage_daily" in statement.split("(")[0]]
    assert [words for words in inserted if not words.startswith("DELETE")][-1:] == ["COPY usage_daily "]
    assert warehouse.query("SELECT count(*), sum(consumed_quantity) FROM usage_daily") == [(6000, 5999 * 3000)]


@BOTH_WAYS
@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p5_a_row_that_is_rejected_is_an_error_of_the_load_and_changes_nothing(opened, warehouse, texts):
    load(opened, texts)
    everything = "SELECT * FROM usage_daily ORDER BY consumed_quantity"
    before = warehouse.query(everything)
    warehouse.query("ALTER TABLE usage_daily ADD CHECK (resource_name <> 'refused')")
    with pytest.raises(UsageConfigError, match="check constraint"):
        load(opened, [*(f"{text}!" for text in texts), "refused"])
    assert warehouse.query(everything) == before


@BOTH_WAYS
@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p5_a_user_without_the_right_to_insert_is_told_so(opened, warehouse, texts):
    warehouse.query("CREATE ROLE copy_reader LOGIN")
    warehouse.query("GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO copy_reader")
    warehouse.query("GRANT INSERT ON usage_account TO copy_reader")
    engine = create_engine(warehouse.uri.replace("postgres@", "copy_reader@", 1), poolclass=NullPool)
    find_database(engine.dialect).prepare_for_loads(engine)
    try:
        with pytest.raises(UsageConfigError, match="the user lacks a right"):
            load(Warehouse(engine, None, "usage_warehouse"), texts)
    finally:
        warehouse.query("DROP OWNED BY copy_reader")
        warehouse.query("DROP ROLE copy_reader")


@pytest.mark.parametrize("number", [2, 200], ids=["few", "many"])
@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p5_a_text_that_its_column_cannot_hold_is_an_error_and_never_cut(opened, warehouse, number):
    """Of a filter, which the load log keeps: cut, it would say that another sub account was loaded."""
    scope = Scope(sub_account_id=tuple(f"{index}".rjust(256, "x") for index in range(number)))
    chunk = replace(make_chunk([]), scope=scope)
    with pytest.raises(UsageConfigError, match="value too long"):
        opened.load(chunk, Provenance("a_conn", "a_dag", "a_run"), allow_empty=True)
    assert warehouse.query("SELECT sub_account_id FROM usage_load_log") == []
