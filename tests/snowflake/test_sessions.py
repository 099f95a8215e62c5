"""What a load asks of Snowflake's sessions: limits on waiting, and no commit that it does not ask for."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import ANALYTICS, make_chunk

LIMITS = "ALTER SESSION SET LOCK_TIMEOUT = 60, ABORT_DETACHED_QUERY = TRUE"
WRITES = ("CREATE", "INSERT", "UPDATE", "DELETE")
MINUTES = "SELECT consumed_quantity FROM usage_daily"


def load(warehouse: Warehouse, minutes: int) -> None:
    chunk = make_chunk(ANALYTICS[0], ("2026-11-01", "2026-11-02"), {("2026-11-01", "abc123", "airflow"): minutes})
    warehouse.load(chunk, Provenance(ANALYTICS[1], "a_dag", "a_run"))


def test_p6_no_session_writes_before_it_has_limits(snowflake_warehouse, sessions, statements):
    warehouse = Warehouse.connect(snowflake_warehouse.conn_id, None)
    warehouse.prepare()
    load(warehouse, 120)
    load(warehouse, 90)
    marks = [line for line in statements() if line.startswith((*WRITES, LIMITS))]
    assert marks[0].startswith(LIMITS)
    assert {line.split()[0] for line in marks} == {"CREATE", "INSERT", "UPDATE", "ALTER"}
    assert sum(line.startswith(LIMITS) for line in marks) == len(sessions()) == 1


def test_p5_a_load_is_one_transaction_also_where_sessions_commit_by_themselves(snowflake_warehouse):
    """As dialects before 1.7.2 leave the connections that a hook opens."""
    import snowflake.connector

    connect = partial(snowflake.connector.connect, database="WAREHOUSE", schema="USAGE")
    engine = create_engine(snowflake_warehouse.uri, poolclass=NullPool, creator=connect, isolation_level=None)
    find_database(engine.dialect).prepare_for_loads(engine)
    warehouse = Warehouse(engine, None, "usage_warehouse")
    warehouse.prepare()
    load(warehouse, 120)
    snowflake_warehouse.query("DROP TABLE usage_revision")
    with pytest.raises(Exception, match="(?i)usage_revision"):
        load(warehouse, 90)
    assert snowflake_warehouse.query(MINUTES) == [(120,)]


def test_names_are_in_lower_case_unquoted(snowflake_warehouse, statements):
    """Snowflake reads them as upper case, and so does each query that does not quote them."""
    warehouse = Warehouse.connect(snowflake_warehouse.conn_id, None)
    warehouse.prepare()
    load(warehouse, 120)
    assert [line for line in statements() if '"usage' in line] == []
    tables = snowflake_warehouse.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'USAGE'")
    assert ("USAGE_DAILY",) in tables
