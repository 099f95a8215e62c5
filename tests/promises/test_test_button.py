"""P8 and P9: the Test button sends one request, ends in time whatever the server does, and always says something."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from datacoves_usage_provider import UsageHook
from datacoves_usage_provider.api.datacoves_billing import DatacovesBillingApi
from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook
from datacoves_usage_provider.hooks.trial import TIMEOUT
from tests.drills.attacks import OK
from tests.drills.hostile_server import HostileServer
from tests.support.stopwatch import stopwatch

LIMIT = 0.5
SLACK = 5  # of a busy machine; the limits that must not count are much longer
SERVERS = {
    "silent": lambda: [30.0],
    "silent after the head": lambda: [OK + b"Content-Length: 2\r\n\r\n", 30.0],
    "byte by byte": lambda: chain([OK + b"\r\n"], (part for _ in repeat(None) for part in (b" ", 0.02))),
}


@pytest.fixture
def _short_limit(monkeypatch) -> None:
    monkeypatch.setattr("datacoves_usage_provider.hooks.trial.TIMEOUT", LIMIT)


@pytest.mark.usefixtures("_short_limit")
@pytest.mark.parametrize("name", SERVERS)
def test_p9_the_test_button_ends_within_its_limit(hook, set_datacoves_conn, name):
    """The connection's own timeout, which is 30 seconds here and may be an hour, does not count."""
    with HostileServer(SERVERS[name]) as server:
        set_datacoves_conn(host=server.url, timeout=30)
        with stopwatch() as read:
            worked, said = hook.test_connection()
        assert read() < LIMIT + SLACK
        assert len(server.requests) == 1
    assert not worked
    assert server.url in said


def test_p9_the_limit_of_the_test_button_is_10_seconds():
    assert TIMEOUT == 10
    assert "10 seconds" in UsageHook.test_connection.__doc__


@pytest.mark.usefixtures("_short_limit")
def test_p9_a_shorter_timeout_of_the_connection_counts(hook, set_datacoves_conn):
    with HostileServer(SERVERS["byte by byte"]) as server:
        set_datacoves_conn(host=server.url, timeout=0.1)
        worked, said = hook.test_connection()
    assert not worked
    assert "is still sending after 0.1 seconds" in said


class NothingToRequestApi(DatacovesBillingApi):
    """Such as one whose key has access to no project yet."""

    def get_requests(self, settings, query):
        return iter(())


class NothingToRequestHook(DatacovesBillingHook):
    api = NothingToRequestApi()


def test_p8_the_test_button_says_so_if_there_is_nothing_to_request(datacoves_conn, simulator):
    worked, said = NothingToRequestHook(datacoves_conn).test_connection()
    assert not worked
    assert said.startswith("NothingToRequestApi requests nothing for 20")
    assert said.endswith("so the key cannot be tested.")
    assert not simulator.requests
