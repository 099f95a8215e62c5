"""P5: PostgreSQL gets very many changed rows by way of a temporary table, where the role may make one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from datacoves_usage_provider.exceptions import UsageConfigError, WarehouseUnavailableError
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.warehouse.changes import LoadCounts
from datacoves_usage_provider.warehouse.dialects.postgresql import staging
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.warehouse_proofs.loading import load, make_chunk, make_days, make_record, open_warehouse
from tests.warehouse_proofs.test_p5_only_what_differs import NAMES, make_resources

DAYS = make_days(0, 1)
COUNT = 2 * staging._MANY + 1
CHANGED = "SELECT count(*), sum(consumed_quantity), count(team) FROM usage_daily"
NO_DDL = [
    """CREATE FUNCTION reject() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no DDL here'; END$$""",
    "CREATE EVENT TRIGGER no_ddl ON ddl_command_start EXECUTE FUNCTION reject()",
]


def make_many(quantity: int, first: int = 0) -> Any:
    keys = [(DAYS[0], f"env {n}", "airflow", "", "Meter 0") for n in range(first, COUNT)]
    return make_chunk("an account", DAYS, Scope(), [make_record(key, quantity) for key in keys])


@pytest.fixture
def statements() -> list[str]:
    return []


@pytest.fixture
def opened(postgres_warehouse: Any, statements: list[str]) -> Warehouse:
    opened = open_warehouse(postgres_warehouse.uri, statements.append)
    opened.prepare()
    postgres_warehouse.query("ALTER TABLE usage_daily ADD COLUMN team TEXT DEFAULT 'mine'")
    load(opened, "first", make_many(1))
    statements.clear()
    return opened


@pytest.fixture
def role(postgres_warehouse: Any) -> Iterator[str]:
    """One that has the rights of the docs, and not that to make temporary tables, which all roles have by default."""
    postgres_warehouse.query(f"REVOKE TEMPORARY ON DATABASE {urlsplit(postgres_warehouse.uri).path[1:]} FROM PUBLIC")
    postgres_warehouse.query("CREATE ROLE loader LOGIN")
    postgres_warehouse.query("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO loader")
    yield "loader"
    postgres_warehouse.query("DROP OWNED BY loader")
    postgres_warehouse.query("DROP ROLE loader")


def count(statements: list[str], begin: str) -> int:
    return sum(statement.startswith(begin) for statement in statements)


def test_p5_very_many_rows_are_changed_and_deleted_by_one_statement_each(opened, postgres_warehouse, statements):
    assert load(opened, "second", make_many(2)).count() == LoadCounts(0, COUNT, 0)
    assert postgres_warehouse.query(CHANGED) == [(COUNT, 2 * COUNT, COUNT)]
    assert load(opened, "third", make_many(2, COUNT - 1)).count() == LoadCounts(0, 0, COUNT - 1)
    assert postgres_warehouse.query(CHANGED) == [(1, 2, 1)]
    made = ("CREATE TEMPORARY", "COPY pg_temp", "UPDATE usage_daily", "DELETE FROM usage_daily", "\nDROP TABLE")
    assert [count(statements, begin) for begin in made] == [2, 2, 1, 1, 2]


def test_p5_a_role_that_may_make_no_temporary_table_needs_none(opened, postgres_warehouse, statements, role):
    theirs = open_warehouse(postgres_warehouse.uri.replace("postgres@", f"{role}@"), statements.append)
    assert load(theirs, "second", make_many(2)).count() == LoadCounts(0, COUNT, 0)
    assert postgres_warehouse.query(CHANGED) == [(COUNT, 2 * COUNT, COUNT)]
    assert (count(statements, "CREATE TEMPORARY"), count(statements, "COPY pg_temp")) == (1, 0)


def test_p5_a_database_that_rejects_all_ddl_does_not_reject_loads(opened, postgres_warehouse, statements):
    for statement in NO_DDL:
        postgres_warehouse.query(statement)
    assert load(opened, "second", make_many(2)).count() == LoadCounts(0, COUNT, 0)
    assert count(statements, "COPY pg_temp") == 0


def test_p5_a_trigger_that_keeps_staged_rows_as_they_were_is_noticed(opened, postgres_warehouse):
    keep = "IF NEW.sub_account_id = 'env 7' THEN RETURN NULL; END IF; RETURN NEW;"
    postgres_warehouse.query(f"CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {keep} END$$")
    postgres_warehouse.query("CREATE TRIGGER k BEFORE UPDATE ON usage_daily FOR EACH ROW EXECUTE FUNCTION keep()")
    with pytest.raises(UsageConfigError, match=r"changes what a load writes \(k\): the row \('env 7'"):
        load(opened, "second", make_many(2))
    assert postgres_warehouse.query(CHANGED) == [(COUNT, COUNT, COUNT)]


@pytest.mark.parametrize("schema", ["public", 'a "b" %s %%'])
def test_p5_any_text_is_staged_as_it_is(postgres_warehouse, monkeypatch, schema):
    monkeypatch.setattr(staging, "_MANY", 1)
    postgres_warehouse.query('CREATE SCHEMA "a ""b"" %s %%"')
    engine = open_warehouse(postgres_warehouse.uri)._engine
    opened = Warehouse(engine, schema, "warehouse")
    opened.prepare()
    load(opened, "first", make_resources(**{f"{number}{text}": number for number, text in enumerate(NAMES)}))
    second = {f"{number}{text}": (0, None, "Minutes", text) for number, text in enumerate(NAMES)}
    assert load(opened, "second", make_resources(**second)).count().changed == len(NAMES) - 1
    assert load(opened, "third", make_resources(**second)).count() == LoadCounts(0, 0, 0)
    assert load(opened, "fourth", make_resources(other=1)).count() == LoadCounts(1, 0, len(NAMES))


def test_p5_a_connection_that_is_lost_while_rows_are_staged_is_said_to_be(opened, postgres_warehouse, monkeypatch):
    def end_all(statement: str) -> None:
        if statement.startswith("CREATE TEMPORARY"):
            postgres_warehouse.query(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with pytest.raises(WarehouseUnavailableError, match="terminating connection|closed the connection"):
        load(open_warehouse(postgres_warehouse.uri, end_all), "second", make_many(2))
    assert postgres_warehouse.query(CHANGED) == [(COUNT, COUNT, COUNT)]
