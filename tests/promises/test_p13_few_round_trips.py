"""P13: one login and few statements a task, counted where they arrive: from the log of the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.warehouse.engine import KEPT

DAILY = {"lookback_days": 2, "catch_up_days": 31}
YEAR = {"start": "2025-11-01", "end": "2026-11-01"}
RESTATED = ("abc123", "airflow", date(2026, 11, 20), 9_999)
LINE = re.compile(r"\[(\d+)\] LOG:  (?:(connection authorized): .*database=(\S+)|(statement|execute .*?): (.*))")


@dataclass
class ServerLog:
    """What PostgreSQL has logged of one database since the last look."""

    path: Path
    database: str
    seen: int = field(init=False, default=0)

    def read(self) -> tuple[int, list[str]]:
        """Return how many sessions were opened, and the first line of each statement in them."""
        with self.path.open() as log:
            log.seek(self.seen)
            lines = log.read()
            self.seen = log.tell()
        found = LINE.findall(lines)
        sessions = [pid for pid, opened, database, *_ in found if opened and database == self.database]
        return len(sessions), [said for pid, opened, _, _, said in found if pid in sessions and not opened]


@pytest.fixture
def server_log(postgres, postgres_warehouse, run_on_server) -> ServerLog:
    database = postgres_warehouse.uri.rpartition("/")[2]
    run_on_server(f"ALTER DATABASE {database} SET log_statement = 'all'")
    return ServerLog(postgres.log, database)


@pytest.fixture
def collect_next_day(api, collect) -> Callable[[], Any]:
    """Run the daily task where all but the last day is loaded, and one number of the days before has changed."""
    collect(**DAILY)
    api.restate(*RESTATED)
    return lambda: collect(**DAILY, run_after="2026-11-23")


def test_p13_the_daily_task_logs_in_once_and_sends_at_most_26_statements(server_log, collect_next_day):
    server_log.read()
    loaded = collect_next_day()["loaded"]
    logins, statements = server_log.read()
    assert (loaded["added"], loaded["changed"]) == (6, 1)
    assert (logins, len(statements)) <= (1, 26), statements


def test_p13_the_daily_task_sends_fewer_statements_if_nothing_is_new(server_log, collect):
    collect(**DAILY)
    server_log.read()
    collect(**DAILY)
    logins, statements = server_log.read()
    assert (logins, len(statements)) <= (1, 21), statements


def test_p13_a_backfill_logs_in_once_and_sends_few_statements_a_chunk(server_log, collect):
    collect(**YEAR)
    server_log.read()
    collect(**YEAR)
    logins, statements = server_log.read()
    assert (logins, statements.count("COMMIT")) == (1, 12)
    assert len(statements) <= 13 + 12 * 8, statements


def test_p13_a_session_that_the_server_closed_meanwhile_is_replaced(simulator, collect, server_log, run_on_server):
    collect(**DAILY)
    run_on_server(f"ALTER DATABASE {server_log.database} SET idle_session_timeout = '50ms'")
    server_log.read()
    simulator.faults.extend([faults.Slow(0.3)] * 6)
    assert collect(start="2026-08-01", end="2026-10-20")["loaded"]["days"] == 80
    assert server_log.read()[0] == 1 + 3


def test_p13_an_old_connection_is_replaced_before_something_on_the_way_forgets_it(collect, server_log, monkeypatch):
    monkeypatch.setitem(KEPT, "pool_recycle", 0)
    collect(**DAILY)
    assert server_log.read()[0] > 1
