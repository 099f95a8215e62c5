"""P6: the session that a task keeps has no transaction and no lock between its loads, and ends with the task."""

from __future__ import annotations

import gc
from contextlib import closing

import pytest

from datacoves_usage_provider.exceptions import UsageApiUnavailableError, UsageConfigError
from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import make_chunk
from tests.support.waiting import wait_until

CHUNK = make_chunk("analytics", ("2026-11-01", "2026-11-02"), {("2026-11-01", "abc123", "airflow"): 120})
RUN = Provenance("a_conn", "a_dag", "a_run")
SESSIONS = """
    SELECT state, backend_xmin IS NULL AND backend_xid IS NULL, (SELECT count(*) FROM pg_locks WHERE pid = session.pid)
    FROM pg_stat_activity AS session WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend'
"""
IDLE = [("idle", True, 0)]


def test_p6_a_session_holds_nothing_between_loads(postgres_warehouse):
    def is_idle():
        """Sessions of earlier queries may be about to end; a transaction that was left open would stay."""
        return postgres_warehouse.query(SESSIONS) == IDLE

    with closing(Warehouse.connect(postgres_warehouse.conn_id, None)) as opened:
        opened.prepare()
        wait_until(is_idle)
        opened.prepare_and_find_missing_days(CHUNK.account, CHUNK.days, CHUNK.scope)
        wait_until(is_idle)
        opened.load(CHUNK, RUN)
        wait_until(is_idle)
        with pytest.raises(
            UsageConfigError, match="^Warehouse connection 'usage_warehouse': billing account .* is loaded thr"
        ):
            opened.load(CHUNK, Provenance("another_conn", "a_dag", "a_run"))
        wait_until(is_idle)
    wait_until(lambda: postgres_warehouse.query(SESSIONS) == [])


def test_p6_a_session_ends_where_nobody_closes_it(postgres_warehouse):
    opened = Warehouse.connect(postgres_warehouse.conn_id, None)
    opened.prepare()
    del opened
    gc.collect()
    wait_until(lambda: postgres_warehouse.query(SESSIONS) == [])


def test_p6_a_task_that_fails_leaves_no_session(postgres_warehouse, execute, datacoves_conn, simulator, sleeps):
    simulator.faults.extend([faults.Status(503)] * 10)
    with pytest.raises(UsageApiUnavailableError):
        execute(usage_conn_id=datacoves_conn)
    wait_until(lambda: postgres_warehouse.query(SESSIONS) == [])
