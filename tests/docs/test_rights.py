"""On PostgreSQL the rights that the docs name are enough for a load, and none of them is too many."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from sqlalchemy.exc import DBAPIError

from datacoves_usage_provider.chunk import VendorMonth
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.warehouse.changes import LoadCounts
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import ANALYTICS
from tests.docs.markdown import find_block_after, read
from tests.docs.test_ddl import CHUNK, PAGE, check_names_a_section, load, read_ddl

GRANTS = [statement.strip() for statement in find_block_after("grants:start", PAGE).split(";")[:-1]]
EACH_RIGHT = [
    (right, target)
    for grant in GRANTS
    for rights, target in [re.fullmatch(r"GRANT (.+) ON (.+) TO usage", grant).groups()]
    for right in rights.split(", ")
]
SCHEMA = "usage"


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


def load_and_restate(warehouse) -> LoadCounts:
    """Load twice, a number having changed and a row come in between, and a month; return what the second load did."""
    load(warehouse, schema=SCHEMA)
    daily = f"{SCHEMA}.usage_daily"
    warehouse.query(
        f"UPDATE {daily} SET consumed_quantity = 1; CREATE TEMP TABLE come AS SELECT * FROM {daily}; "
        f"UPDATE come SET sub_account_id = 'gone'; INSERT INTO {daily} SELECT * FROM come"
    )
    month = VendorMonth(CHUNK.account, CHUNK.window.start, Scope(), CHUNK.records)
    database = Warehouse.connect(warehouse.conn_id, SCHEMA)
    database.load_month(month, Provenance(ANALYTICS[1], "a_dag", "a_run"))
    return load(warehouse, schema=SCHEMA).count()


def test_the_rights_are_enough_for_a_first_load_and_a_restatement(tables_by_hand):
    for grant in GRANTS:
        tables_by_hand.query(grant)
    assert load_and_restate(tables_by_hand) == LoadCounts(added=0, changed=1, removed=1)
    tables = ("usage_daily", "usage_revision", "usage_load_log", "usage_account", "usage_vendor_month")
    counts = [tables_by_hand.query(f"SELECT count(*) FROM {SCHEMA}.{table}")[0][0] for table in tables]
    assert counts == [1, 2, 2, 1, 1]


@pytest.mark.parametrize(("right", "target"), EACH_RIGHT)
def test_none_of_the_rights_is_too_many(right, target, tables_by_hand):
    for grant in GRANTS:
        tables_by_hand.query(grant)
    tables_by_hand.query(f"REVOKE {right} ON {target} FROM usage")
    with pytest.raises(UsageConfigError, match="the user lacks a right"):
        load_and_restate(tables_by_hand)


@pytest.mark.parametrize("table", ["usage_daily", "usage_load_log"])
def test_row_level_security_rejects_a_load_that_it_would_hide_rows_from(table, tables_by_hand):
    for grant in GRANTS:
        tables_by_hand.query(grant)
    load(tables_by_hand, schema=SCHEMA)
    tables_by_hand.query(f"ALTER TABLE {SCHEMA}.{table} ENABLE ROW LEVEL SECURITY")
    tables_by_hand.query(f"CREATE POLICY additions ON {SCHEMA}.{table} FOR INSERT WITH CHECK (true)")
    database = Warehouse.connect(tables_by_hand.conn_id, SCHEMA)
    with pytest.raises(UsageConfigError, match="the user lacks a right .*row-level security"):
        database.load(replace(CHUNK, records=()), Provenance(ANALYTICS[1], "a_dag", "a_run"), allow_empty=True)
    tables_by_hand.query("ALTER ROLE usage BYPASSRLS")
    assert load(tables_by_hand, schema=SCHEMA).count() == LoadCounts(added=0, changed=0, removed=0)


def test_a_user_who_may_create_needs_nothing_else(tables_by_hand):
    tables_by_hand.query(f"DROP SCHEMA {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
    (grant,) = re.findall(r"`(GRANT CREATE.+?);?`", read(PAGE))
    tables_by_hand.query(grant)
    assert load(tables_by_hand, schema=SCHEMA).count().added == 1


def test_a_table_that_is_new_is_asked_for_in_the_words_of_the_docs(tables_by_hand):
    for grant in GRANTS:
        tables_by_hand.query(grant)
    tables_by_hand.query(f"DROP TABLE {SCHEMA}.usage_vendor_month")
    with pytest.raises(UsageConfigError) as caught:
        load(tables_by_hand, schema=SCHEMA)
    assert f"permission denied for schema {SCHEMA}" in str(caught.value)
    check_names_a_section(caught.value)
    (ddl,) = [statement for statement in read_ddl("postgresql") if "usage_vendor_month" in statement]
    tables_by_hand.query(f"SET search_path TO {SCHEMA}; {ddl}")
    assert load(tables_by_hand, schema=SCHEMA).count().added == 1


def test_a_right_on_the_view_is_enough_for_an_analyst(tables_by_hand):
    analyst = replace(tables_by_hand, uri=tables_by_hand.uri.replace("//postgres@", "//usage@"))
    tables_by_hand.query(f"GRANT USAGE ON SCHEMA {SCHEMA} TO usage")
    tables_by_hand.query(f"GRANT SELECT ON {SCHEMA}.usage_monthly TO usage")
    assert analyst.query(f"SELECT count(*) FROM {SCHEMA}.usage_monthly") == [(0,)]
    with pytest.raises(DBAPIError, match="permission denied for table usage_daily"):
        analyst.query(f"SELECT count(*) FROM {SCHEMA}.usage_daily")
