"""P8 and P10: a proxy of the environment is used, gets no key by HTTPS, and its errors are not taken for the API's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal

import pytest

from datacoves_usage_provider.exceptions import UsageApiUnavailableError, UsageConfigError
from tests.drills.attacks import ROWS, whole
from tests.drills.hostile_server import HostileServer, Parts
from tests.support.truth import query, read_all
from tests.support.usage import Amount, minutes_of

ASKED = query("2026-11-10", "2026-11-11", service=("airflow",))
HOST = "api.example.invalid"
USED = {minutes_of("a", "airflow", date(2026, 11, 10)): Amount(Decimal(1), "Minutes")}
WANTS_A_PASSWORD = whole("<html>Log in", b"HTTP/1.1 407 Proxy Authentication Required\r\n")


@pytest.fixture
def start_proxy(monkeypatch) -> Iterator[Callable[[Parts], HostileServer]]:
    """Start a proxy of this environment that sends the same response to each request."""
    with ExitStack() as stack:

        def start(parts: Parts) -> HostileServer:
            proxy = stack.enter_context(HostileServer(lambda: parts))
            for name in ("http_proxy", "https_proxy"):
                monkeypatch.setenv(name, proxy.url)
            return proxy

        yield start


def test_p8_usage_comes_through_a_proxy(hook, set_datacoves_conn, start_proxy):
    proxy = start_proxy(whole(ROWS.replace(b'"b"', b'"airflow"')))
    set_datacoves_conn(host=f"http://{HOST}")
    assert read_all(hook, ASKED) == USED
    assert proxy.requests[0].startswith(f"GET http://{HOST}/billing/?".encode())


def test_p8_hosts_of_no_proxy_are_reached_without_it(api, hook, start_proxy, simulator):
    proxy = start_proxy(WANTS_A_PASSWORD)
    assert read_all(hook, ASKED)
    assert proxy.requests == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_p8_a_proxy_that_wants_a_password_is_a_setting_to_fix(hook, set_datacoves_conn, start_proxy, scheme):
    proxy = start_proxy(WANTS_A_PASSWORD)
    set_datacoves_conn(host=f"{scheme}://{HOST}")
    with pytest.raises(
        UsageConfigError,
        match=r"407 Proxy Auth.*The proxy in HTTP\(S\)_PROXY requires a password: write it there as http://name:pass",
    ):
        read_all(hook, ASKED)
    assert len(proxy.requests) == 1


@pytest.mark.parametrize("url", ["http://me:pa55word@proxy.example.com:99999", "http://me:pa55/word@proxy.example.com"])
def test_p8_a_proxy_whose_url_is_wrong_is_named_without_its_password(hook, set_datacoves_conn, monkeypatch, url):
    set_datacoves_conn(host=f"https://{HOST}")
    monkeypatch.setenv("https_proxy", url)
    with pytest.raises(UsageConfigError, match=r"the URL of the proxy in HTTP\(S\)_PROXY cannot be read") as raised:
        read_all(hook, ASKED)
    assert "pa55" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_p9_a_proxy_that_fails_is_tried_again(hook, set_datacoves_conn, start_proxy, sleeps, scheme):
    start_proxy(whole("<html>Bad", b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n"))
    set_datacoves_conn(host=f"{scheme}://{HOST}")
    with pytest.raises(UsageApiUnavailableError, match="502 Bad Gateway.*Gave up after 5 tries"):
        read_all(hook, ASKED)


def test_p10_a_proxy_does_not_get_the_key_by_https(api, hook, set_datacoves_conn, start_proxy, sleeps):
    proxy = start_proxy(whole("<html>Not your API"))
    set_datacoves_conn(host=f"https://{HOST}")
    with pytest.raises(UsageApiUnavailableError):
        read_all(hook, ASKED)
    assert {request.split(b" HTTP/")[0] for request in proxy.requests} == {f"CONNECT {HOST}:443".encode()}
    assert [request for request in proxy.requests if api.key.encode() in request] == []
