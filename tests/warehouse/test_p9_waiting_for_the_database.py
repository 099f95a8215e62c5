"""P9: a database that is silent ends the task, and one that keeps it waiting does not keep it from ending."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.exceptions import WarehouseUnavailableError
from datacoves_usage_provider.warehouse.dialects.database import Database
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import make_chunk
from tests.drills.proxy import SilentProxy
from tests.support.statements import watching
from tests.support.stopwatch import stopwatch
from tests.support.waiting import wait_until

pytestmark = pytest.mark.usefixtures("no_garbage_collection")

CONN_ID = "usage_warehouse"
RUN = Provenance("a_conn", "a_dag", "a_run")
DAYS = ("2026-11-01", "2026-11-02")
CHUNK = make_chunk("analytics", DAYS, {(DAYS[0], f"abc{number}", "airflow"): 1 for number in range(120)})  # for COPY
AFTER = {
    "the login": None,
    "a kept connection": None,
    "the first statement": "UPDATE usage_account",
    "rows are sent": "COPY usage_daily",
    "the commit": "COMMIT",
}


class ToldToEndError(BaseException):
    """What Airflow's handlers of SIGALRM and SIGTERM raise is no ``Exception``, either."""


@pytest.fixture
def proxy(postgres_warehouse, monkeypatch) -> Iterator[SilentProxy]:
    """Between the loads and a server that has the tables."""
    Warehouse.connect(CONN_ID, None).prepare()
    connection = json.loads(os.environ["AIRFLOW_CONN_USAGE_WAREHOUSE"])
    with SilentProxy(connection["port"]) as proxy:
        monkeypatch.setenv("AIRFLOW_CONN_USAGE_WAREHOUSE", json.dumps(connection | {"port": proxy.port}))
        yield proxy


@pytest.fixture
def load(warehouse: Any) -> Callable[[], Any]:
    opened = Warehouse.connect(warehouse.conn_id, None)
    return lambda: opened.load(CHUNK, RUN)


def open_and_silence(proxy: SilentProxy, moment: str) -> Warehouse:
    """Return a warehouse that has no connection yet, or keeps one; unless ``moment`` is later, the server is silent."""
    opened = Warehouse.connect(CONN_ID, None)
    if moment == "a kept connection":
        opened.prepare()
    if AFTER[moment] is None:
        proxy.fall_silent()
    return opened


def silence_before(proxy: SilentProxy, words: str) -> Callable[[str], None]:
    return lambda statement: proxy.fall_silent() if statement.startswith(words) else None


@contextmanager
def signalled(number: signal.Signals) -> Iterator[None]:
    """Send this process a signal in a second, and measure how long it takes to end what it does."""

    def end(*_: Any) -> None:
        raise ToldToEndError

    before = signal.signal(number, end)
    pid = os.fork() if number == signal.SIGTERM else None
    if pid == 0:
        time.sleep(1)
        os.kill(os.getppid(), number)
        os._exit(0)
    if pid is None:
        signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        with stopwatch() as read, pytest.raises(ToldToEndError):
            yield
        assert read() < 3
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(number, before)
        if pid:
            os.waitpid(pid, 0)


@pytest.mark.parametrize("moment", AFTER)
def test_p9_a_server_that_falls_silent_ends_the_task_within_its_limit(proxy, monkeypatch, moment):
    monkeypatch.setattr(Database, "max_wait_seconds", 2)
    monkeypatch.setattr(Database, "max_silent_seconds", 2)
    opened = open_and_silence(proxy, moment)
    with (
        stopwatch() as read,
        watching(silence_before(proxy, AFTER[moment] or "no statement")),
        pytest.raises(WarehouseUnavailableError, match="'usage_warehouse': nothing was heard from it for 2 seconds"),
    ):
        opened.load(CHUNK, RUN)
    assert read() < 6


@pytest.mark.parametrize("number", [signal.SIGALRM, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("moment", AFTER)
def test_p9_a_silent_server_does_not_keep_the_task_from_ending(proxy, moment, number):
    opened = open_and_silence(proxy, moment)
    with watching(silence_before(proxy, AFTER[moment] or "no statement")), signalled(number):
        opened.load(CHUNK, RUN)


@pytest.mark.parametrize("warehouse", ["sqlite", "postgres"], indirect=True)
def test_p9_a_lock_of_others_does_not_keep_the_task_from_ending(warehouse, load):
    Warehouse.connect(warehouse.conn_id, None).prepare()
    load()
    other = create_engine(warehouse.uri, poolclass=NullPool)
    with other.begin() as connection:
        connection.exec_driver_sql("UPDATE usage_account SET x_conn_id = x_conn_id")
        with signalled(signal.SIGALRM):
            load()
    if warehouse.dialect == "postgresql":
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        wait_until(lambda: warehouse.query(others) == [(0,)])


def test_p9_the_tables_can_be_loaded_after_a_task_was_told_to_end(proxy, postgres_warehouse):
    opened = Warehouse.connect(CONN_ID, None)
    with watching(silence_before(proxy, "INSERT INTO usage_load_log")), signalled(signal.SIGALRM):
        opened.load(CHUNK, RUN)
    assert postgres_warehouse.query("SELECT count(*) FROM usage_daily") == [(0,)]
    proxy.speak()
    proxy.cut()
    assert Warehouse.connect(CONN_ID, None).load(CHUNK, RUN).count().added == len(CHUNK.records)
