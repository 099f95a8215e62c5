"""P13: one login and few statements a task, counted where they arrive: from the log of the server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.warehouse.engine import KEPT
from tests.docs.markdown import find_sections

DAILY = {"lookback_days": 2, "catch_up_days": 31}
YEAR = {"start": "2025-11-01", "end": "2026-11-01"}
RESTATED = ("abc123", "airflow", date(2026, 11, 20), 9_999)
Trace = Callable[[], tuple[int, list[str]]]
"""Returns how often a task has logged in since the last look, and each statement that arrived."""

DOCUMENTED = {
    name.lower(): (int(logins), int(nothing_new), int(little_new))
    for block in find_sections("### ", "docs/operate.md")["What a task sends"]
    for name, logins, nothing_new, little_new in re.findall(r"^(\w+).* (\d+) +(\d+) +(\d+)$", block.text, re.MULTILINE)
}
"""Logins, statements if nothing is new, and statements for a new day and a restated number: at most so many."""

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
def postgresql_trace(server_log) -> Trace:
    return server_log.read


@pytest.fixture
def sqlite_trace(sqlite_warehouse) -> Iterator[Trace]:
    """Of SQLite itself; to open the file counts as a login."""
    found: list[str | None] = []

    def open_file(connection: Any, _: Any) -> None:
        found.append(None)
        connection.set_trace_callback(found.append)

    def read() -> tuple[int, list[str]]:
        taken, found[:] = found[:], []
        # "--" begins what a statement runs inside.
        return taken.count(None), [said for said in taken if said is not None and not said.startswith("--")]

    event.listen(Engine, "connect", open_file)
    yield read
    event.remove(Engine, "connect", open_file)


@pytest.fixture
def snowflake_trace(snowflake_warehouse, mocker) -> Trace:
    """Of what stands in for Snowflake's connector."""
    import snowflake.connector
    from fakesnow.cursor import FakeSnowflakeCursor

    connect, execute = snowflake.connector.connect, mocker.spy(FakeSnowflakeCursor, "execute")

    def read() -> tuple[int, list[str]]:
        found = connect.call_count, [call.args[1] for call in execute.call_args_list]
        connect.reset_mock()
        execute.reset_mock()
        return found

    return read


@pytest.fixture
def trace(warehouse, request) -> Trace:
    return request.getfixturevalue(f"{warehouse.dialect}_trace")


@pytest.fixture
def documented(warehouse) -> tuple[int, int, int]:
    """Logins, statements if nothing is new, and statements for a new day and a restated number: at most so many."""
    return DOCUMENTED[warehouse.dialect]


def test_p13_the_daily_task_sends_what_the_docs_say(api, collect, trace, documented):
    documented_logins, nothing_new, little_new = documented
    collect(**DAILY)
    trace()
    collect(**DAILY)
    logins, statements = trace()
    assert logins == documented_logins
    assert len(statements) <= nothing_new, statements
    api.restate(*RESTATED)
    loaded = collect(**DAILY, run_after="2026-11-23")["loaded"]
    assert (loaded["added"], loaded["changed"]) == (6, 1)
    logins, statements = trace()
    assert logins == documented_logins
    assert len(statements) <= little_new, statements


def test_p13_postgresql_gets_one_login_and_at_most_19_statements_a_day():
    assert DOCUMENTED["postgresql"] == (1, 14, 19)


def test_p13_a_backfill_logs_in_once_and_sends_few_statements_a_chunk(server_log, collect):
    collect(**YEAR)
    server_log.read()
    collect(**YEAR)
    logins, statements = server_log.read()
    assert (logins, statements.count("COMMIT")) == (1, 12)
    assert len(statements) <= 8 + 12 * 7, statements


def test_p13_a_session_that_the_server_closed_meanwhile_is_replaced(simulator, collect, server_log, run_on_server):
    collect(**DAILY)
    run_on_server(f"ALTER DATABASE {server_log.database} SET idle_session_timeout = '50ms'")
    server_log.read()
    simulator.faults.extend([faults.Slow(0.3)] * 6)
    assert collect(start="2026-08-01", end="2026-10-20")["loaded"]["days"] == 80
    assert server_log.read()[0] == 1 + 3


def test_p13_an_old_connection_is_replaced_before_something_on_the_way_forgets_it(collect, server_log, monkeypatch):
    assert KEPT["pool_recycle"] < 240
    monkeypatch.setitem(KEPT, "pool_recycle", 0)
    collect(**DAILY)
    assert server_log.read()[0] > 1
