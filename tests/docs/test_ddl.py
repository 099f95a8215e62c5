"""The DDL of the docs is what the package makes, a load needs no other, and upgrades are as described."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.cost.views import make_cost_views
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.schema import make_ddl
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.views import make_views
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import ANALYTICS, COST_TABLES, TABLES, make_chunk
from tests.docs.markdown import find_block_after, find_blocks, read
from tests.docs.test_links import find_anchors

PAGE = "docs/ddl.md"
OPERATING = "docs/operate.md"
MINUTES = {("2026-11-01", "abc123", "airflow"): 120}
CHUNK = make_chunk(ANALYTICS[0], ("2026-11-01", "2026-11-02"), MINUTES)


def read_ddl(dialect: str) -> list[str]:
    """Return the statements of the docs in the words of ``dialect``, as the docs say to change them."""
    text = find_block_after("ddl:start", PAGE)
    if dialect == "sqlite":
        text = text.replace("TIMESTAMP WITH TIME ZONE", "DATETIME")
        text = text.replace("WHERE usage_daily.x_is_additive", "WHERE usage_daily.x_is_additive = 1")
    return [*text.split(";")[:-1], *_read_jump(dialect)]


def _read_jump(dialect: str) -> list[str]:
    """Return the statement of the view ``usage_jump``; for SQLite, the page leaves it to the package."""
    if dialect == "sqlite":
        return make_ddl(create_engine("sqlite://").dialect, make_views(TABLES)[1])
    return read_views(dialect)[:1]


def read_views(dialect: str) -> list[str]:
    """Return the statements of the file of views."""
    _, _, text = read(f"docs/ddl/views-{dialect}.sql").partition("\n\n")
    return text.split(";")[:-1]


def read_cost_ddl() -> list[str]:
    """Return the statements of the tables and views of cost, for PostgreSQL."""
    return [*find_block_after("ddl:cost", PAGE).split(";")[:-1], *read_views("postgresql")[1:]]


def load(warehouse: Any, conn_id: str = ANALYTICS[1], schema: str | None = None) -> Any:
    """Prepare and load as a task does, through the Airflow connection; return what changed."""
    database = Warehouse.connect(warehouse.conn_id, schema)
    database.prepare()
    return database.load(CHUNK, Provenance(conn_id, "datacoves_usage_daily", "manual"))


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
def test_the_ddl_is_what_the_package_makes(dialect):
    engine = create_engine(f"{dialect}://", poolclass=NullPool)
    made = [ddl for one in (*TABLES.all, *make_views(TABLES)) for ddl in make_ddl(engine.dialect, one)]
    assert list(map(_without_layout, read_ddl(dialect))) == list(map(_without_layout, made))


def test_the_ddl_of_cost_is_what_the_package_makes():
    dialect = create_engine("postgresql://", poolclass=NullPool).dialect
    expected = (*COST_TABLES.all, *make_cost_views(TABLES, COST_TABLES))
    made = [ddl for one in expected for ddl in make_ddl(dialect, one)]
    assert list(map(_without_layout, read_cost_ddl())) == list(map(_without_layout, made))


def _without_layout(sql: str) -> str:
    return "".join(sql.split())


def test_snowflake_gets_no_index():
    engine = create_engine("sqlite://")
    engine.dialect.name = "snowflake"
    assert [len(make_ddl(engine.dialect, table)) for table in TABLES.all] == [1] * len(TABLES.all)


def test_a_log_without_the_index_is_as_good_and_one_that_was_renamed_is_not_in_the_way(warehouse):
    load(warehouse)
    warehouse.query("DROP VIEW usage_jump")  # it would go on showing the renamed table
    warehouse.query("ALTER TABLE usage_load_log RENAME TO old_log")
    assert load(warehouse).count().added == 0
    warehouse.query("DROP INDEX usage_load_log_days")
    assert load(warehouse).count().added == 0


FORBID_DDL = [
    "CREATE FUNCTION forbid() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''DDL''; END'",
    "CREATE EVENT TRIGGER forbid ON ddl_command_start EXECUTE FUNCTION forbid()",
]


def test_no_ddl_is_attempted_on_postgresql_when_everything_is_there(postgres_warehouse):
    for statement in (*read_ddl("postgresql"), *FORBID_DDL):
        postgres_warehouse.query(statement)
    assert load(postgres_warehouse).count().added == 1


def test_no_ddl_is_attempted_on_sqlite_when_everything_is_there(sqlite_warehouse):
    for statement in read_ddl("sqlite"):
        sqlite_warehouse.query(statement)
    before = sqlite_warehouse.query("PRAGMA schema_version")
    assert load(sqlite_warehouse).count().added == 1
    assert sqlite_warehouse.query("PRAGMA schema_version") == before


def test_the_view_alone_is_made_again(warehouse):
    load(warehouse)
    warehouse.query("DROP VIEW usage_monthly")
    load(warehouse)
    assert warehouse.query("SELECT consumed_quantity, x_days FROM usage_monthly") == [(120, 1)]


def make_tables_of_an_earlier_version(warehouse: Any) -> None:
    """Without ``x_is_additive``, and with a row of a meter that does not add up."""
    text = ";".join(read_ddl(warehouse.dialect)).replace("    x_is_additive BOOLEAN NOT NULL,\n", "")
    for statement in re.sub(r"(?<=WHERE ).*x_is_additive.*", "usage_daily.sku_meter != 'Unique Rows'", text).split(";"):
        warehouse.query(statement)
    warehouse.query(
        "INSERT INTO usage_daily VALUES ('P', 'a', 's', '', 'Datastreams', '', '', 'Unique Rows', '2026-10-01', "
        "'2026-10-31', 7, 'Rows', NULL, NULL, 'a_conn', 'a_dag', 'a_run', '2026-11-01')"
    )


def test_a_column_that_a_later_version_needs_is_named_and_added_as_the_page_says(warehouse):
    make_tables_of_an_earlier_version(warehouse)
    with pytest.raises(UsageConfigError) as caught:
        load(warehouse)
    assert str(caught.value).startswith(find_block_after("missing column", OPERATING).strip())
    check_names_a_section(caught.value)
    for statement in find_block_after("additive", OPERATING).split(";")[:-1]:
        warehouse.query(statement)
    assert load(warehouse).count().added == 1
    assert warehouse.query("SELECT sku_meter, consumed_quantity FROM usage_monthly") == [("Worker Minutes", 120)]


def test_columns_of_ones_own_may_stay(warehouse):
    for statement in read_ddl(warehouse.dialect):
        warehouse.query(statement)
    warehouse.query("ALTER TABLE usage_daily ADD COLUMN team TEXT")
    warehouse.query("ALTER TABLE usage_load_log ADD COLUMN cluster TEXT NOT NULL DEFAULT 'main'")
    load(warehouse)
    assert warehouse.query("SELECT team FROM usage_daily") == [(None,)]
    assert warehouse.query("SELECT cluster FROM usage_load_log") == [("main",)]


def check_names_a_section(error: Exception) -> None:
    ((page, anchor),) = re.findall(r"(docs/[\w-]+\.md)#([\w-]+)", str(error))
    assert anchor in find_anchors(page)


def test_the_update_hands_the_account_to_another_connection(warehouse):
    load(warehouse)
    with pytest.raises(UsageConfigError, match="'datacoves_billing_default', not through 'datacoves_new'") as caught:
        load(warehouse, conn_id="datacoves_new")
    check_names_a_section(caught.value)
    warehouse.query(find_block_after("handover", PAGE))
    assert load(warehouse, conn_id="datacoves_new").count().changed == 0
    with pytest.raises(UsageConfigError, match="'datacoves_new', not through 'datacoves_billing_default'"):
        load(warehouse)


_RUN = (
    "ddl:start",
    "ddl:cost",
    "ddl:allocation",
    "grants:start",
    "grants:cost",
    "grants:allocation",
    "grants:report",
    "handover",
)


def test_every_sql_block_is_run_by_a_test_or_marked_as_not_run():
    run = [find_block_after(marker, PAGE) for marker in _RUN]
    not_run = find_block_after("not run", PAGE)
    assert {block.text for block in find_blocks("sql") if block.page == PAGE} == {*run, not_run}
    assert [block.text for block in find_blocks("sql") if block.page == OPERATING] == [
        find_block_after("additive", OPERATING)
    ]
    elsewhere = {"docs/cost.md", "docs/recipes.md", "docs/see-it.md", "docs/which-dag.md", "README.md"}
    assert {block.page for block in find_blocks("sql")} <= {PAGE, OPERATING, *elsewhere}
