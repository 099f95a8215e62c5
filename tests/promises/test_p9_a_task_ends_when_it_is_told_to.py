"""P9: a task ends within a second of Airflow's timeout, of a signal and of an error, whatever it waits for."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain, count, repeat
from typing import Any

import pytest

from datacoves_usage_provider.compat import AirflowFailException, AirflowTaskTimeout, is_airflow_3
from datacoves_usage_provider.exceptions import UsageApiUnavailableError
from datacoves_usage_provider.operators.usage import CollectUsageOperator
from tests.drills.attacks import OK, whole
from tests.drills.hostile_server import HostileServer
from tests.support.stopwatch import stopwatch
from tests.support.usage_api import set_usage_conn

pytestmark = pytest.mark.usefixtures("no_garbage_collection")

START = 0.7  # seconds that a task is given to be waiting
WEEK = {"start": "2026-11-10", "end": "2026-11-17", "sql_conn_id": None}
BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n"
RESPONSES: dict[str, Callable[[], Any]] = {
    "a silent server": lambda: [60.0],
    "a silent server after a head": lambda: [OK + b"Content-Length: 9\r\n\r\n", 60.0],
    "a byte now and then": lambda: chain([OK + b"\r\n"], *repeat([b" ", 0.05], 10_000)),
    "a head, byte by byte": lambda: chain([OK + b"X-Slow: "], *repeat([b" ", 0.05], 10_000)),
    "the time that a server asks to wait": lambda: [BUSY],
}
CONNECTIONS = {
    "one request at a time": {"conn_type": "datacoves_billing"},
    "four requests at a time": {"conn_type": "b3os", "extra": {"organization_id": "org"}},
}


@pytest.fixture(params=CONNECTIONS)
def connect(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    fields = {"password": "a-key-of-a-test", "extra": {}, **CONNECTIONS[request.param]}

    def to(url: str) -> None:
        set_usage_conn(monkeypatch, "usage", {**fields, "host": url}, fields["extra"])

    return to


@pytest.fixture
def silent_host() -> Iterator[str]:
    """A port that neither takes a connection nor refuses one: its queue is full."""
    with ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            client = sockets.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def run_with_timeout(execute: Callable[..., Any]) -> None:
    """As both majors do for ``execution_timeout``."""
    if is_airflow_3():
        from airflow.sdk.execution_time.timeout import timeout
    else:
        from airflow.utils.timeout import timeout
    with timeout(START):
        execute(usage_conn_id="usage", **WEEK)


def run_with_sigterm(execute: Callable[..., Any]) -> None:
    """As both majors do: Airflow 2 raises its own error after it has called the operator's ``on_kill``."""
    operator = CollectUsageOperator(task_id="collect", usage_conn_id="usage")

    def end(*_: Any) -> None:
        operator.on_kill()
        if not is_airflow_3():
            raise AirflowTaskTimeout("Task received SIGTERM signal")

    before = signal.signal(signal.SIGTERM, end)
    timer = threading.Timer(START, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    try:
        execute(usage_conn_id="usage", **WEEK)
    finally:
        timer.cancel()
        signal.signal(signal.SIGTERM, before)


def assert_ends_in_time(run: Callable[[], None], error: Any, after: float) -> None:
    with stopwatch() as read, pytest.raises(error):
        run()
    assert read() < after + 1


@pytest.mark.parametrize("run", [run_with_timeout, run_with_sigterm])
@pytest.mark.parametrize("name", RESPONSES)
def test_p9_a_task_that_waits_for_a_response_ends_at_once(execute, connect, name, run):
    with HostileServer(RESPONSES[name]) as server:
        connect(server.url)
        assert_ends_in_time(lambda: run(execute), (AirflowTaskTimeout, SystemExit), START)


@pytest.mark.parametrize("run", [run_with_timeout, run_with_sigterm])
def test_p9_a_task_that_waits_for_a_connection_ends_at_once(execute, connect, silent_host, run):
    connect(silent_host)
    assert_ends_in_time(lambda: run(execute), (AirflowTaskTimeout, SystemExit), START)


@pytest.mark.parametrize("run", [run_with_timeout, run_with_sigterm])
def test_p9_a_task_that_waits_for_the_name_of_a_host_ends_at_once(execute, connect, mocker, run):
    """A look-up is one call of the system's, which no signal interrupts."""
    asked = threading.Event()

    def look_up(*_: Any, **__: Any) -> None:
        asked.set()
        _wait_uninterrupted(5)
        raise OSError("no such host")

    mocker.patch("socket.getaddrinfo", look_up)
    connect("http://usage.example.com")
    assert_ends_in_time(lambda: run(execute), (AirflowTaskTimeout, SystemExit), START)
    assert asked.is_set()


def _wait_uninterrupted(seconds: float) -> None:
    signals = {signal.SIGALRM, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    time.sleep(seconds)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)


def test_p9_a_timeout_stays_one_when_airflow_calls_on_kill():
    """Airflow calls ``on_kill`` while it handles its own timeout, which must stay what it is."""
    operator = CollectUsageOperator(task_id="collect", usage_conn_id="usage")
    try:
        raise AirflowTaskTimeout("Timeout")
    except AirflowTaskTimeout:
        operator.on_kill()


@pytest.mark.parametrize("others", ["a silent server", "a byte now and then", "the time that a server asks to wait"])
def test_p9_the_first_error_response_ends_what_the_other_requests_wait_for(execute, monkeypatch, others):
    fields = {"conn_type": "b3os", "password": "a-key-of-a-test"}
    requests, before = count(), set(threading.enumerate())

    def respond() -> Any:
        return chain([0.5], whole("{}", b"HTTP/1.1 400 Bad\r\n")) if next(requests) == 0 else RESPONSES[others]()

    with HostileServer(respond) as server:
        set_usage_conn(monkeypatch, "usage", {**fields, "host": server.url}, {"organization_id": "org"})
        assert_ends_in_time(
            lambda: execute(usage_conn_id="usage", **WEEK), (AirflowFailException, UsageApiUnavailableError), 0.5
        )
        # None of them goes on in a thread of its own.
        left = set(threading.enumerate()).difference(before)
        assert [thread for thread in left if type(thread).__name__ == "_Worker"] == []
