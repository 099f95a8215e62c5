"""A session with a real server: what it leaves behind, and what its errors show of the key."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from itertools import chain, repeat

import pytest

from datacoves_usage_provider.client.error_responses import check_response
from datacoves_usage_provider.client.request import Response, UsageRequest
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.client.transport import LOGGERS
from datacoves_usage_provider.exceptions import (
    PageGoneError,
    RetriableError,
    UsageApiUnavailableError,
    UsageConfigError,
    UsageError,
)
from datacoves_usage_provider.window import UsageWindow
from tests.drills.hostile_server import HostileServer
from tests.support.secrecy import everything_about, leaked

KEY = "kY7-0123456789abcdefghijklmnopqrstuvwxyz"
WINDOW = UsageWindow(date(2026, 11, 1), date(2026, 11, 2))
LOG = logging.getLogger("usage")

OpenSession = Callable[[str], UsageSession]


def send(response: str) -> list[bytes]:
    head, _, body = response.partition("\n\n")
    lines = [*head.splitlines(), f"Content-Length: {len(body)}", "Connection: close"]
    return [("\r\n".join(lines) + "\r\n\r\n" + body).encode()]


def open_session(url: str, max_tries: int = 1) -> UsageSession:
    return UsageSession(ClientSettings("usage", url, KEY, "account", timeout=20), LOG, max_tries=max_tries)


def make_request(url: str, **fields: int) -> UsageRequest:
    return UsageRequest(f"{url}/usage", WINDOW, **fields)


def parse(request: UsageRequest, response: Response) -> bytes:
    check_response(response, request, bytes.decode, {})
    return response.body


def get(session: UsageSession, url: str) -> bytes:
    request = make_request(url)
    return session.get(request, parse)


def count_filters() -> int:
    return sum(len(logging.getLogger(name).filters) for name in LOGGERS)


@pytest.fixture(autouse=True)
def _no_filter_stays() -> Iterator[None]:
    before = count_filters()
    yield
    assert count_filters() == before


def test_p10_what_libraries_log_is_filtered_only_while_a_session_is_open():
    before = count_filters()
    first, second = open_session("http://127.0.0.1"), open_session("http://127.0.0.1")
    assert count_filters() == before + 2 * len(LOGGERS)
    first.close()
    assert count_filters() == before + len(LOGGERS)
    second.close()
    assert count_filters() == before


@pytest.mark.parametrize(
    ("response", "error"),
    [
        ("HTTP/1.1 401 No\n\nno", UsageConfigError),
        ("HTTP/1.1 503 Busy\n\nbusy", UsageApiUnavailableError),
        ("nonsense\n\n", UsageApiUnavailableError),
        ("HTTP/1.1 200 OK\nContent-Encoding: br\n\n[]", UsageError),
    ],
)
def test_no_filter_stays_after_an_error_in_a_request(response, error):
    before = count_filters()
    with (
        HostileServer(lambda: send(response)) as server,
        pytest.raises(error),
        closing(open_session(server.url)) as session,
    ):
        get(session, server.url)
    assert count_filters() == before


def test_no_filter_stays_after_an_error_that_nobody_expects():
    before = count_filters()
    with (
        HostileServer(lambda: send("HTTP/1.1 200 OK\n\n[]")) as server,
        pytest.raises(ZeroDivisionError),
        closing(open_session(server.url)) as session,
    ):
        session.get(make_request(server.url), lambda *_: 1 // 0)
    assert count_filters() == before


CUT = {
    "reason": lambda text: f"HTTP/1.1 400 {text}\n\n",
    "body": lambda text: f"HTTP/1.1 400 Bad\n\n{text}",
    "redirect": lambda text: f"HTTP/1.1 302 There\nLocation: {text}\n\n",
    "compression": lambda text: f"HTTP/1.1 200 OK\nContent-Encoding: br, {text}\n\n[]",
    "no HTTP": lambda text: f"{text}\n\n",
    "chunks": lambda text: f"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n{text}\r\n",
}


@pytest.mark.parametrize("name", CUT)
@pytest.mark.parametrize("before", [*range(20, 100, 10), *range(200, 300, 10)])
def test_p10_a_text_is_cleaned_before_it_is_cut(name, before):
    with (
        HostileServer(lambda: send(CUT[name](f"{'x' * before}{KEY}"))) as server,
        closing(open_session(server.url)) as session,
        pytest.raises(UsageError) as raised,
    ):
        get(session, server.url)
    assert leaked(everything_about(raised.value), KEY) == []
    assert len(str(raised.value)) < 600


def test_a_retry_is_counted_only_for_the_request_that_succeeds(sleeps):
    responses = chain([send("HTTP/1.1 503 Busy\nRetry-After: 7\n\n")], repeat(send("HTTP/1.1 200 OK\n\n[]")))
    with HostileServer(lambda: next(responses)) as server, closing(open_session(server.url, max_tries=5)) as session:
        assert get(session, server.url) == b"[]"
        assert (session.requests_sent, session.retries) == (2, 1)
    assert sleeps == [7]


def test_after_stop_no_request_is_sent():
    with (
        HostileServer(lambda: send("HTTP/1.1 200 OK\n\n[]")) as server,
        closing(open_session(server.url)) as session,
    ):
        session.stop()
        with pytest.raises(UsageApiUnavailableError, match="was not sent, because another one failed"):
            get(session, server.url)
    assert server.requests == []


def test_a_404_on_a_later_result_page_means_that_the_page_is_gone():
    missing = Response(404, "Not Found", {}, b"")
    for page, error in ((1, UsageConfigError), (2, PageGoneError)):
        with pytest.raises(error):
            parse(make_request("http://127.0.0.1", page=page), missing)


def test_p9_an_error_inside_200_whose_status_was_replaced_waits_as_long_as_the_server_asks():
    with pytest.raises(RetriableError) as raised:
        parse(make_request("http://127.0.0.1"), Response(429, "Too Many", {"Retry-After": "17"}, b""))
    assert raised.value.retry_after == 17
