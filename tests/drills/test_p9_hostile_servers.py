"""P9 and P10: whatever a server does, a task ends in time, within its memory and with an error that helps."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from datacoves_usage_provider.api.datacoves_billing import DatacovesBillingApi
from tests.drills.attacks import ATTACKS, TOO_SLOW, whole
from tests.drills.hostile_server import HostileServer
from tests.drills.memory import measure_memory

DAY = {"start": "2026-11-10", "end": "2026-11-11"}
REDIRECT = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: {}\r\n\r\n"


@dataclass(frozen=True)
class Sizes:
    """
    How slow and how large the attacks are.

    ``timeout`` is that of the connection to a slow server: a request ends after ten times as long. ``pause`` lies
    between two of its bytes, and is so much shorter that a busy machine does not make it look silent.
    """

    timeout: float
    pause: float
    max_answer_mb: int
    too_many_mb: int


IN_EACH_RUN = Sizes(timeout=0.5, pause=0.01, max_answer_mb=2, too_many_mb=5)
LARGE = Sizes(timeout=2, pause=0.2, max_answer_mb=100, too_many_mb=200)
SLACK_SECONDS = 60  # for a busy machine: without the limit a request would never end
DEFAULT_TIMEOUT = 30
SLACK_MB = 60
AT_ONCE = DatacovesBillingApi.concurrency


@pytest.fixture
def sizes(is_large: bool) -> Sizes:
    return LARGE if is_large else IN_EACH_RUN


@pytest.mark.parametrize("name", ATTACKS)
def test_p9_a_task_ends_within_its_limits_and_loads_nothing(
    execute, set_datacoves_conn, sqlite_warehouse, sleeps, sizes, name
):
    attack = ATTACKS[name]
    with HostileServer(lambda: attack.make_parts(sizes.pause, sizes.too_many_mb)) as server:
        timeout = sizes.timeout if attack.words == TOO_SLOW else DEFAULT_TIMEOUT
        set_datacoves_conn(host=server.url, timeout=timeout, max_answer_mb=sizes.max_answer_mb)
        started = time.monotonic()
        with measure_memory() as read_growth, pytest.raises(Exception, match=attack.words):
            execute(usage_conn_id="datacoves_billing_default", **DAY)
        seconds, grown = time.monotonic() - started, read_growth()
    assert sqlite_warehouse.query("SELECT count(*) FROM usage_daily") == [(0,)]
    assert sqlite_warehouse.query("SELECT count(*) FROM usage_load_log") == [(0,)]
    assert grown < AT_ONCE * (1.5 * sizes.max_answer_mb + SLACK_MB)
    if attack.words == TOO_SLOW:
        assert 10 * timeout <= seconds < 10 * timeout + SLACK_SECONDS
    print(f"{name}: {seconds:.1f} s, {grown:.0f} MB")  # noqa: T201


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.words == TOO_SLOW])
def test_p9_the_test_button_ends_in_time(hook, set_datacoves_conn, is_large, name):
    timeout, longest = (30, 10) if is_large else (1, 1)
    with HostileServer(lambda: ATTACKS[name].make_parts(0.02, 0)) as server:
        set_datacoves_conn(host=server.url, timeout=timeout)
        started = time.monotonic()
        worked, message = hook.test_connection()
        assert time.monotonic() - started < longest + SLACK_SECONDS
    assert not worked
    assert f"is still sending after {longest:g} seconds" in message


def test_p10_a_redirect_loop_is_one_request_of_each(execute, set_datacoves_conn, sqlite_warehouse):
    with HostileServer(lambda: [REDIRECT.format(server.url).encode()]) as server:
        set_datacoves_conn(host=server.url)
        with pytest.raises(Exception, match="Redirects are not followed"):
            execute(usage_conn_id="datacoves_billing_default", **DAY)
        assert 1 <= len(server.requests) <= AT_ONCE
        assert len({*server.requests}) == len(server.requests)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_p10_another_host_gets_neither_the_key_nor_a_request(hook, api, set_datacoves_conn, status):
    with HostileServer(lambda: whole("[]"), host="127.0.0.2") as other:
        redirect = REDIRECT.replace("302", str(status)).format(other.url).encode()
        with HostileServer(lambda: [redirect]) as server:
            set_datacoves_conn(host=server.url)
            worked, message = hook.test_connection()
    assert (worked, other.requests) == (False, [])
    assert other.url in message
    assert api.key.encode() in server.requests[0]
