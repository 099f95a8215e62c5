"""P5 and P6: a database that breaks in mid-load leaves the tables as before or as after; the next try succeeds."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from datacoves_usage_provider.exceptions import WarehouseUnavailableError
from tests.drills.proxy import Proxy
from tests.support.statements import watching
from tests.support.truth import Usage, loaded, query, truth

ASKED = query("2026-11-10", "2026-11-13")
RESTATED = date(2026, 11, 11)
IN_EACH_RUN = ("DELETE", "INSERT INTO usage_daily", "INSERT INTO usage_load_log", "COMMIT")
TERMINATE = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class State(NamedTuple):
    """What the tables say: the usage, how many revisions of it, and how often a day was logged."""

    usage: Usage
    revisions: int
    logged: int


def read_state(warehouse: Any) -> State:
    counts = [warehouse.query(f"SELECT count(*) FROM {table}")[0][0] for table in ("usage_revision", "usage_load_log")]
    return State(loaded(warehouse), *counts)


@pytest.fixture
def collect(execute, datacoves_conn) -> Callable[[], Any]:
    window = {"start": str(ASKED.window.start), "end": str(ASKED.window.end)}
    return lambda: execute(usage_conn_id=datacoves_conn, **window)


@pytest.fixture
def proxy(postgres_warehouse, monkeypatch) -> Iterator[Proxy]:
    """Between the loads and the server."""
    connection = json.loads(os.environ["AIRFLOW_CONN_USAGE_WAREHOUSE"])
    with Proxy(connection["port"]) as proxy:
        monkeypatch.setenv("AIRFLOW_CONN_USAGE_WAREHOUSE", json.dumps(connection | {"port": proxy.port}))
        yield proxy


@pytest.fixture
def breaks(proxy, postgres, postgres_warehouse) -> dict[str, Callable[[], Any]]:
    return {
        "the server is restarted": postgres.restart,
        "the session is terminated": lambda: postgres_warehouse.query(TERMINATE),
        "the connection is cut": proxy.cut,
        "the connection is cut before the reply": proxy.cut_at_reply,
    }


@pytest.fixture
def statements(api, collect, postgres_warehouse) -> list[str]:
    """What a load of a day that was restated runs."""
    collect()
    api.restate("abc123", "airflow", RESTATED, 9_999)
    found: list[str] = []
    with watching(found.append):
        collect()
    return found


def break_at(number: int, break_it: Callable[[], Any]) -> Callable[[str], None]:
    """Return what calls ``break_it`` before the statement ``number``."""
    remaining = iter([*[None] * number, break_it])

    def watch(_: str) -> None:
        if action := next(remaining, None):
            action()

    return watch


@pytest.mark.parametrize(
    "how",
    [
        "the server is restarted",
        "the session is terminated",
        "the connection is cut",
        "the connection is cut before the reply",
    ],
)
def test_p6_a_load_that_loses_its_server(api, collect, postgres_warehouse, breaks, statements, is_large, how):
    ended = []
    for number, statement in enumerate(statements):
        if not (is_large or statement.startswith(IN_EACH_RUN)):
            continue
        before = read_state(postgres_warehouse)
        api.restate("abc123", "airflow", RESTATED, 10_000 + number)
        after = State(truth(api, ASKED), before.revisions + 1, before.logged + len(ASKED.window.days))
        with (
            watching(break_at(number, breaks[how])),
            pytest.raises(WarehouseUnavailableError, match="connection 'usage_warehouse': "),
        ):
            collect()
        found = read_state(postgres_warehouse)
        assert found in (before, after), statement
        ended.append("after" if found == after else "before")
        collect()
        assert read_state(postgres_warehouse)[:2] == after[:2]
    print(f"{how}: {len(ended)} times, {ended.count('after')} after the load was whole")  # noqa: T201
    assert ended[-1] == ("after" if "reply" in how else "before")
    assert "after" not in ended[:-1]


@pytest.fixture
def fill_disk() -> Iterator[Callable[[int], None]]:
    """Let SQLite files of this process have at most this many pages from now on."""
    most: list[int] = []

    def limit(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {most[-1]}")

    event.listen(Engine, "connect", limit)
    most.append(2**30)
    yield most.append
    event.remove(Engine, "connect", limit)


def test_p5_a_full_disk_leaves_sqlite_as_it_was(api, execute, datacoves_conn, sqlite_warehouse, fill_disk, is_large):
    year = query("2025-10-01", "2026-10-01")

    def collect_year() -> None:
        execute(usage_conn_id=datacoves_conn, start=str(year.window.start), end=str(year.window.end))

    execute(usage_conn_id=datacoves_conn, sql_conn_id=sqlite_warehouse.conn_id)
    ((pages,),) = sqlite_warehouse.query("PRAGMA page_count")
    chunks = set()
    for more in range(0, 60, 1 if is_large else 12):
        fill_disk(pages + more)
        with pytest.raises(WarehouseUnavailableError, match="database or disk is full"):
            collect_year()
        assert sqlite_warehouse.query("PRAGMA integrity_check") == [("ok",)]
        logged = sqlite_warehouse.query("SELECT DISTINCT charge_period_start FROM usage_load_log")
        days = {day for (day,) in logged if day < str(year.window.end)}
        assert len(days) % 31 == 0
        kept = {key: amount for key, amount in loaded(sqlite_warehouse).items() if key.day < year.window.end}
        assert kept == {key: amount for key, amount in truth(api, year).items() if str(key.day) in days}
        chunks.add(len(days) // 31)
    fill_disk(2**30)
    collect_year()
    assert loaded(sqlite_warehouse, f"charge_period_start < '{year.window.end}'") == truth(api, year)
    assert len(chunks) > 1
    print(f"The disk was full after {sorted(chunks)} chunks")  # noqa: T201
