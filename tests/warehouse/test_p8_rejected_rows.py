"""
P8: what a constraint, trigger or partition of a user's rejects is final, and the error says whose it is.

Policies are in tests/docs/test_rights.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.exceptions import UsageConfigError, WarehouseUnavailableError
from datacoves_usage_provider.warehouse.dialects.database import Database
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import make_chunk

RUN = Provenance("a_conn", "a_dag", "a_run")
DAYS = ("2026-11-01", "2026-11-02")
FIRST, SECOND = (make_chunk("analytics", DAYS, {(DAYS[0], "abc123", "airflow"): minutes}) for minutes in (120, 90))

PARTITION_BY_DAY = [
    "CREATE TABLE copied (LIKE usage_daily INCLUDING ALL) PARTITION BY RANGE (charge_period_start)",
    "DROP TABLE usage_daily CASCADE",
    "ALTER TABLE copied RENAME TO usage_daily",
]


def make_trigger(when: str, body: str) -> list[str]:
    return [
        f"CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {body} END$$",
        f"CREATE TRIGGER mine {when} ON usage_daily FOR EACH ROW EXECUTE FUNCTION mine()",
    ]


ON_POSTGRESQL = {
    "a check": (["ALTER TABLE usage_daily ADD CONSTRAINT mine CHECK (consumed_quantity < 0)"], '"mine"'),
    "a foreign key": (
        [
            "CREATE TABLE team (id VARCHAR(255) PRIMARY KEY)",
            "ALTER TABLE usage_daily ADD CONSTRAINT mine FOREIGN KEY (sub_account_id) REFERENCES team",
        ],
        '"mine"',
    ),
    "a unique index": (
        ["CREATE UNIQUE INDEX mine ON usage_load_log (billing_account_id)"],
        '"mine"',
    ),
    "an exclusion": (
        ["ALTER TABLE usage_load_log ADD CONSTRAINT mine EXCLUDE (billing_account_id WITH =)"],
        '"mine"',
    ),
    "a missing partition": (PARTITION_BY_DAY, "a partition that is missing.*no partition of relation"),
    "a trigger that raises": (make_trigger("BEFORE INSERT", "RAISE 'not here';"), "not here.*function mine()"),
    "a trigger that cannot count": (
        make_trigger("BEFORE INSERT", "RETURN 1 / 0;"),
        "division by zero.*function mine()",
    ),
    "a trigger without its table": (
        make_trigger("BEFORE INSERT", "INSERT INTO audit VALUES (1); RETURN NEW;"),
        '"audit" does not exist.*function mine()',
    ),
}


@pytest.fixture
def opened(warehouse: Any) -> Warehouse:
    opened = Warehouse.connect(warehouse.conn_id, None)
    opened.prepare()
    return opened


def load_twice(opened: Warehouse) -> None:
    opened.load(FIRST, RUN)
    opened.load(SECOND, RUN)


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
@pytest.mark.parametrize("case", ON_POSTGRESQL)
def test_p8_what_a_users_rule_rejects_on_postgresql_is_final_and_says_whose_it_is(opened, warehouse, case):
    statements, words = ON_POSTGRESQL[case]
    for statement in statements:
        warehouse.query(statement)
    with pytest.raises(UsageConfigError, match=words) as caught:
        load_twice(opened)
    assert "'usage_warehouse'" in str(caught.value)
    assert str(caught.value).isprintable()
    assert "your own" in str(caught.value)


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE TRIGGER mine BEFORE INSERT ON usage_daily BEGIN SELECT RAISE(ABORT, 'not here'); END", "not here"),
        ("CREATE TRIGGER mine BEFORE INSERT ON usage_daily BEGIN INSERT INTO audit VALUES (1); END", "main.audit"),
        ("CREATE UNIQUE INDEX mine ON usage_load_log (billing_account_id)", "usage_load_log.billing_account_id"),
    ],
    ids=["a trigger that raises", "a trigger without its table", "a unique index"],
)
def test_p8_what_a_users_rule_rejects_on_sqlite_is_final(opened, warehouse, statement, words):
    warehouse.query(statement)
    with pytest.raises(UsageConfigError, match=f"of yours|of your own.*{words}"):
        load_twice(opened)


@pytest.mark.parametrize("warehouse", ["sqlite", "postgres"], indirect=True)
def test_p8_an_account_that_a_trigger_does_not_let_in_is_final(warehouse, opened):
    forbid = {
        "postgresql": [
            part.replace("usage_daily", "usage_account") for part in make_trigger("BEFORE INSERT", "RETURN NULL;")
        ],
        "sqlite": ["CREATE TRIGGER mine BEFORE INSERT ON usage_account BEGIN SELECT RAISE(IGNORE); END"],
    }
    for statement in forbid[warehouse.dialect]:
        warehouse.query(statement)
    with pytest.raises(UsageConfigError, match="of your own.*usage_account does not accept or keep"):
        opened.load(FIRST, RUN)


def test_p8_a_database_that_is_read_only_after_a_failover_is_tried_again(postgres_warehouse, run_on_server):
    Warehouse.connect(postgres_warehouse.conn_id, None).prepare()
    database = postgres_warehouse.uri.rpartition("/")[2]
    run_on_server(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    with pytest.raises(WarehouseUnavailableError, match="'usage_warehouse': the database is read-only, as it is for a"):
        Warehouse.connect(postgres_warehouse.conn_id, None).load(FIRST, RUN)
    run_on_server(f"ALTER DATABASE {database} RESET default_transaction_read_only")
    assert Warehouse.connect(postgres_warehouse.conn_id, None).load(FIRST, RUN).count().added == 1


def test_p8_a_load_that_the_servers_own_limit_ends_is_tried_again(postgres_warehouse, run_on_server):
    Warehouse.connect(postgres_warehouse.conn_id, None).prepare()
    for statement in make_trigger("BEFORE INSERT", "PERFORM pg_sleep(9); RETURN NEW;"):
        postgres_warehouse.query(statement)
    database = postgres_warehouse.uri.rpartition("/")[2]
    run_on_server(f"ALTER DATABASE {database} SET statement_timeout = '500ms'")
    with pytest.raises(
        WarehouseUnavailableError, match="longer than the server lets it.*Airflow will retry. That is safe"
    ):
        Warehouse.connect(postgres_warehouse.conn_id, None).load(FIRST, RUN)


def test_p8_a_trigger_that_waits_too_long_for_a_lock_is_tried_again(postgres_warehouse, monkeypatch):
    """It may pass, although it comes out of a user's function."""
    monkeypatch.setattr(Database, "max_wait_seconds", 1)
    opened = Warehouse.connect(postgres_warehouse.conn_id, None)
    opened.prepare()
    postgres_warehouse.query("CREATE TABLE audit (n INTEGER)")
    for statement in make_trigger("BEFORE INSERT", "INSERT INTO audit VALUES (1); RETURN NEW;"):
        postgres_warehouse.query(statement)
    with create_engine(postgres_warehouse.uri, poolclass=NullPool).begin() as other:
        other.exec_driver_sql("LOCK TABLE audit")
        with pytest.raises(WarehouseUnavailableError, match="another session kept a lock"):
            opened.load(FIRST, RUN)
