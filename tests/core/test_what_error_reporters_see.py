"""P10: an error reporter that collects local variables, causes and contexts of an error does not get the key."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable
from contextlib import closing
from datetime import date
from types import SimpleNamespace

import pytest

from datacoves_usage_provider.api.datacoves_billing import DatacovesBillingApi
from datacoves_usage_provider.api.reader import UsageReader
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.client.settings import ClientSettings, read_settings
from datacoves_usage_provider.exceptions import UsageConfigError, UsageError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import DatacovesBilling, Simulator
from datacoves_usage_provider.window import UsageWindow
from tests.core.test_session import KEY, LOG, send
from tests.drills.attacks import OK, whole
from tests.drills.hostile_server import HostileServer
from tests.support.reporter import collect
from tests.support.secrecy import find_chain, leaked, spellings

ASKED = UsageQuery(UsageWindow(date(2026, 11, 10), date(2026, 11, 11)))
ECHO = " ".join(spellings(KEY))

RESPONSES: dict[str, Callable[[], list]] = {
    "nothing": list,
    "no HTTP": lambda: send(f"{ECHO}\n\n"),
    "too few bytes": lambda: [OK + b"Content-Length: 999\r\n\r\n" + ECHO.encode()],
    "damaged chunks": lambda: send(f"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n{ECHO}\r\n"),
    "damaged gzip": lambda: whole(ECHO, OK + b"Content-Encoding: gzip\r\n"),
    "another compression": lambda: whole(ECHO, OK + b"Content-Encoding: br\r\n"),
    "too large": lambda: whole(b" " * 3_000_000),
    "silence": lambda: [5.0],
    "a byte now and then": lambda: [OK, *[b"x", 0.1] * 100],
    "a redirect": lambda: send(f"HTTP/1.1 302 There\nLocation: http://127.0.0.1/{KEY}\n\n"),
    "a status": lambda: send(f"HTTP/1.1 400 {KEY}\nX-More: {KEY}\n\n{ECHO}"),
    "a rejected key": lambda: send(f"HTTP/1.1 401 {KEY}\n\n" + json.dumps({"detail": ECHO})),
    "unavailable": lambda: send(f"HTTP/1.1 503 {KEY}\n\n{ECHO}"),
    "no JSON": lambda: whole(ECHO),
    "another shape": lambda: whole(json.dumps({"key": ECHO})),
    "a wrong field": lambda: whole(
        json.dumps([{"environment_slug": KEY, "service": ECHO, "date": ECHO, "amount_minutes": 1}])
    ),
    "a name": lambda: whole(
        json.dumps([{"environment_slug": KEY, "service": ECHO, "date": "2026-11-10", "amount_minutes": 1}])
    ),
}


def read(url: str, max_tries: int = 2) -> None:
    settings = ClientSettings("usage", url, KEY, "account", timeout=0.2, max_response_mb=1)
    with closing(UsageSession(settings, LOG, max_tries=max_tries)) as session:
        list(UsageReader(DatacovesBillingApi(), session).read(ASKED))


@pytest.mark.usefixtures("sleeps")
@pytest.mark.parametrize("name", RESPONSES)
def test_p10_no_error_about_a_response_carries_the_key_to_an_error_reporter(name):
    with HostileServer(RESPONSES[name]) as server, pytest.raises(UsageError) as raised:
        read(server.url)
    assert leaked(collect(raised.value), KEY) == []


@pytest.mark.usefixtures("sleeps")
@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1", "http://no-such-host.invalid"])
def test_p10_no_error_about_a_connection_carries_the_key_to_an_error_reporter(url):
    with pytest.raises(UsageError, match="No complete response") as raised:
        read(url)
    assert leaked(collect(raised.value), KEY) == []


@pytest.mark.usefixtures("sleeps")
def test_p10_neither_does_an_error_of_the_library_that_nobody_expects(mocker):
    mocker.patch("urllib3.connectionpool.HTTPConnectionPool._make_request", side_effect=KeyError(KEY))
    with pytest.raises(UsageError, match="KeyError") as raised:
        read("http://127.0.0.1:1")
    assert leaked(collect(raised.value), KEY) == []


@pytest.mark.usefixtures("sleeps")
def test_p10_the_reason_stays_in_words_without_the_error_of_the_library():
    with pytest.raises(UsageError, match="Connection refused") as raised:
        read("http://127.0.0.1:1")
    assert [type(error).__module__.partition(".")[0] for error in find_chain(raised.value)] == [
        "datacoves_usage_provider"
    ]


@pytest.mark.parametrize("fields", [{"host": "nowhere"}, {"host": KEY}, {"extra": "["}, {"port": 5}])
def test_p10_no_error_about_a_connections_fields_carries_the_key_to_an_error_reporter(fields):
    """The fields are Airflow 3's, whose connections show all that they have."""

    def read_it() -> None:
        extra = fields.get("extra", "")
        connection = {"conn_id": "usage", "host": "https://h", "password": KEY, "port": None, "extra": extra}
        read_settings(SimpleNamespace(**connection | fields, extra_dejson={}), "URL", None, ("Token",), ())

    with pytest.raises(UsageConfigError) as raised:
        read_it()
    assert leaked(collect(raised.value), KEY) == []


def test_p10_a_debug_level_of_http_client_does_not_print_the_key(mocker, capsys):
    mocker.patch("http.client.HTTPConnection.debuglevel", 1)
    with Simulator(DatacovesBilling(key=KEY)) as simulator:
        read(simulator.billing_url)
    assert leaked(capsys.readouterr().out, KEY) == []


@pytest.mark.usefixtures("sleeps")
def test_the_collector_of_these_tests_sees_what_a_reporter_would():
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def fail() -> None:
        import requests

        requests.get(url, headers={"Authorization": f"Token {KEY}"}, timeout=1)

    with pytest.raises(OSError, match="refused") as raised:
        fail()
    assert leaked(collect(raised.value), KEY) != []
