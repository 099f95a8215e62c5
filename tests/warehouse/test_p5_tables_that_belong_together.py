"""P5: tables and views are those of one schema, of the right kind, and keep text as it is, or nothing is loaded."""

from __future__ import annotations

from typing import Any

import pytest

from datacoves_usage_provider.allocation.warehouse import AllocationWarehouse
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import ALL_TABLES, ALL_VIEWS, make_chunk

RUN = Provenance("a_conn", "a_dag", "a_run")
DAYS = ("2026-11-01", "2026-11-02")
CHUNK = make_chunk("analytics", DAYS, {(DAYS[0], "abc123", "airflow"): 120})


def prepare(warehouse: Any, schema: str | None = None) -> Warehouse:
    opened = Warehouse.connect(warehouse.conn_id, schema)
    opened.prepare()
    return opened


def fail(warehouse: Any, schema: str | None = None) -> str:
    with pytest.raises(UsageConfigError) as caught:
        prepare(warehouse, schema)
    assert str(caught.value).isprintable()
    assert str(caught.value).startswith("Warehouse connection 'usage_warehouse': ")
    return str(caught.value)


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p5_all_tables_and_views_are_in_the_schema_that_is_named(warehouse):
    warehouse.query("CREATE SCHEMA billing")
    AllocationWarehouse.connect(warehouse.conn_id, "billing").prepare()
    found = warehouse.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'billing'")
    assert {name for (name,) in found} == {one.name for one in (*ALL_TABLES, *ALL_VIEWS)}


@pytest.fixture
def two_schemas(postgres_warehouse, run_on_server) -> Any:
    """Tables and view in schema ``b``, before which sessions look into the empty schema ``a``."""
    for schema in ("a", "b"):
        postgres_warehouse.query(f"CREATE SCHEMA {schema}")
    prepare(postgres_warehouse, "b")
    run_on_server(f"ALTER DATABASE {postgres_warehouse.uri.rpartition('/')[2]} SET search_path TO a, b")
    return postgres_warehouse


def test_p5_tables_that_a_search_path_finds_together_are_loaded(two_schemas):
    assert prepare(two_schemas).load(CHUNK, RUN).count().added == 1
    assert two_schemas.query("SELECT count(*) FROM b.usage_daily") == [(1,)]


def test_p5_tables_in_several_schemas_of_a_search_path_are_named(two_schemas):
    prepare(two_schemas, "a")
    two_schemas.query("DROP TABLE a.usage_daily CASCADE")
    said = fail(two_schemas)
    assert "usage_daily in 'b'" in said
    assert "usage_load_log in 'a'" in said


def test_p5_nothing_is_created_beside_the_tables_of_another_schema(two_schemas):
    two_schemas.query("DROP TABLE b.usage_vendor_month")
    assert "usage_vendor_month in 'a'" in fail(two_schemas)
    assert two_schemas.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'a'") == [(0,)]


def test_p5_a_view_of_another_schemas_table_is_not_taken(two_schemas):
    two_schemas.query("DROP VIEW b.usage_monthly")
    prepare(two_schemas, "a")
    two_schemas.query("CREATE VIEW b.usage_monthly AS SELECT * FROM a.usage_monthly")
    assert "usage_monthly cannot hold usage: it does not show usage_da" in fail(two_schemas, "b")


def test_p5_a_view_of_a_table_of_the_same_name_in_another_schema_is_not_taken(two_schemas):
    prepare(two_schemas, "a")
    two_schemas.query("DROP VIEW b.usage_monthly")
    ((of_a,),) = two_schemas.query("SELECT pg_get_viewdef('a.usage_monthly'::regclass)")
    two_schemas.query(f"CREATE VIEW b.usage_monthly AS {of_a}")
    assert "does not show usage_daily of its own schema" in fail(two_schemas, "b")


@pytest.mark.parametrize("warehouse", ["sqlite", "postgres"], indirect=True)
def test_p5_a_view_of_a_table_that_was_renamed_is_not_taken(warehouse):
    prepare(warehouse)
    warehouse.query("ALTER TABLE usage_daily RENAME TO usage_daily_of_2025")
    if warehouse.dialect == "postgresql":  # which keeps the name of its key
        warehouse.query("ALTER INDEX usage_daily_pkey RENAME TO old_pkey")
    said = fail(warehouse)
    assert "does not show usage_daily of its own schema" in said
    assert "drop the view" in said
    for view in ("usage_jump", "usage_monthly"):
        warehouse.query(f"DROP VIEW {view}")
    prepare(warehouse).load(CHUNK, RUN)
    assert warehouse.query("SELECT consumed_quantity FROM usage_monthly") == [(120,)]


@pytest.mark.parametrize("kind", ["TABLE", "MATERIALIZED VIEW"])
def test_p5_what_would_stay_frozen_in_the_views_place_is_not_taken(postgres_warehouse, kind):
    prepare(postgres_warehouse)
    postgres_warehouse.query("ALTER VIEW usage_monthly RENAME TO mine")
    postgres_warehouse.query(f"CREATE {kind} usage_monthly AS SELECT * FROM mine")
    assert f"usage_monthly cannot hold usage: it is a {kind.lower()}, not a view" in fail(postgres_warehouse)


def test_p5_a_table_in_the_views_place_is_not_taken_on_sqlite(sqlite_warehouse):
    prepare(sqlite_warehouse)
    sqlite_warehouse.query("CREATE TABLE mine AS SELECT * FROM usage_monthly")
    sqlite_warehouse.query("DROP VIEW usage_monthly")
    sqlite_warehouse.query("ALTER TABLE mine RENAME TO usage_monthly")
    assert "it is a table, not a view" in fail(sqlite_warehouse)


def test_p5_a_view_in_a_tables_place_is_not_taken(warehouse):
    prepare(warehouse)
    warehouse.query("ALTER TABLE usage_revision RENAME TO mine")
    warehouse.query("CREATE VIEW usage_revision AS SELECT * FROM mine")
    assert "usage_revision cannot hold usage: it is a view, not a table" in fail(warehouse)


TEXT = "CREATE DOMAIN name_of_mine AS VARCHAR(255) CHECK (value <> 'nobody')"
DOMAINS = [
    TEXT,
    "CREATE DOMAIN again AS name_of_mine",
    "CREATE DOMAIN money_of_mine AS NUMERIC(38, 18)",
    "CREATE DOMAIN day_of_mine AS DATE",
]


def change(warehouse: Any, column: str, kind: str, table: str = "usage_daily", *before: str) -> None:
    """Give a column of a new table another type."""
    prepare(warehouse)
    views = "DROP VIEW usage_jump, usage_monthly"
    for statement in (*before, views, f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}"):
        warehouse.query(statement)


@pytest.mark.parametrize(
    ("table", "column", "kind", "before", "words"),
    [
        ("usage_daily", "sku_meter", "CHAR(30)", (), "sku_meter as CHAR(30), which pads text"),
        ("usage_load_log", "service_name", "CHAR(30)", (), "service_name as CHAR(30), which pads text"),
        ("usage_daily", "sub_account_name", "CHAR(30)", (), "sub_account_name as CHAR(30), which pads text"),
        (
            "usage_daily",
            "service_name",
            "padded",
            ("CREATE DOMAIN padded AS CHAR(20)",),
            "service_name as CHAR(20), which pads text",
        ),
        ("usage_daily", "service_name", "name", (), "service_name as name, not as text"),
        (
            "usage_daily",
            "consumed_quantity",
            "rough",
            ("CREATE DOMAIN rough AS NUMERIC(20, 2)",),
            "consumed_quantity as NUMERIC(20, 2), which would round it",
        ),
    ],
)
def test_p5_a_column_that_does_not_keep_what_it_is_given_is_named(
    postgres_warehouse, table, column, kind, before, words
):
    change(postgres_warehouse, column, kind, table, *before)
    assert f"{table} cannot hold usage" in (said := fail(postgres_warehouse))
    assert words in said


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("sku_meter", "again"),
        ("consumed_quantity", "money_of_mine"),
        ("charge_period_start", "day_of_mine"),
        ("service_name", "TEXT"),
        ("consumed_quantity", "NUMERIC"),
    ],
)
def test_p5_a_domain_is_looked_at_for_what_it_is(postgres_warehouse, column, kind):
    change(postgres_warehouse, column, kind, "usage_daily", *DOMAINS)
    opened = prepare(postgres_warehouse)
    assert opened.load(CHUNK, RUN).count().added == 1
    assert vars(opened.load(CHUNK, RUN).count()) == {"added": 0, "changed": 0, "removed": 0}


def test_p5_types_are_known_however_the_server_writes_them(postgres_warehouse, run_on_server):
    prepare(postgres_warehouse)
    run_on_server(f"ALTER DATABASE {postgres_warehouse.uri.rpartition('/')[2]} SET quote_all_identifiers = on")
    assert prepare(postgres_warehouse).load(CHUNK, RUN).count().added == 1


def test_p5_char_does_not_pad_on_sqlite_and_is_taken(sqlite_warehouse):
    prepare(sqlite_warehouse)
    ((ddl,),) = sqlite_warehouse.query("SELECT sql FROM sqlite_master WHERE name = 'usage_daily'")
    sqlite_warehouse.query("DROP TABLE usage_daily")
    sqlite_warehouse.query(ddl.replace("VARCHAR(255)", "CHAR(255)"))
    opened = prepare(sqlite_warehouse)
    assert opened.load(CHUNK, RUN).count().added == 1
    assert opened.load(CHUNK, RUN).count().added == 0


def test_p5_a_type_that_makes_numbers_of_text_is_not_taken_on_sqlite(sqlite_warehouse):
    """SQLite takes STRING for a kind of number: '007' would become 7."""
    prepare(sqlite_warehouse)
    ((ddl,),) = sqlite_warehouse.query("SELECT sql FROM sqlite_master WHERE name = 'usage_daily'")
    sqlite_warehouse.query("DROP TABLE usage_daily")
    sqlite_warehouse.query(ddl.replace("service_name VARCHAR(255)", "service_name STRING"))
    assert "keeps service_name as NUMERIC, not as text" in fail(sqlite_warehouse)


@pytest.mark.parametrize("schema", ["s" * 64, "ü" * 32, "a\0b"], ids=["64 characters", "64 bytes", "NUL"])
def test_p8_a_schema_name_that_the_database_would_cut_is_an_error(postgres_warehouse, schema):
    postgres_warehouse.query(f'CREATE SCHEMA "{schema[:63]}"'.replace("\0", ""))
    assert "names of at most 63" in fail(postgres_warehouse, schema)
    assert postgres_warehouse.query("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'usage%'") == [(0,)]


def test_p8_a_schema_name_of_63_bytes_is_loaded_into(postgres_warehouse):
    postgres_warehouse.query(f'CREATE SCHEMA "{"s" * 63}"')
    for _ in range(2):
        prepare(postgres_warehouse, "s" * 63)
    assert prepare(postgres_warehouse, "s" * 63).load(CHUNK, RUN).count().added == 1
