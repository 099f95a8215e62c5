"""P8 and P9: where a firewall drops all packets, an error says so in words, with what to check, and in time."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from datacoves_usage_provider.exceptions import UsageApiUnavailableError
from tests.drills.hostile_server import HostileServer
from tests.support.ports import drop_packets
from tests.support.stopwatch import stopwatch
from tests.support.truth import query, read_all

ASKED = query("2026-11-10", "2026-11-11", service=("airflow",))
HINT = "The Billing API can be reached only inside its cluster."


@pytest.fixture
def closed_port() -> Iterator[int]:
    with drop_packets() as port:
        yield port


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_p8_a_host_whose_firewall_drops_packets_is_named_with_what_to_check(
    hook, set_datacoves_conn, closed_port, scheme
):
    set_datacoves_conn(host=f"{scheme}://127.0.0.1:{closed_port}/billing", timeout=0.1)
    worked, said = hook.test_connection()
    assert not worked
    assert said == (
        f"No complete response from {scheme}://127.0.0.1:{closed_port}/billing/: Connection to 127.0.0.1 timed out. "
        f"(connect timeout=0.1). {HINT}"
    )


@pytest.mark.usefixtures("sleeps")
def test_p9_it_is_tried_again(hook, set_datacoves_conn, closed_port):
    set_datacoves_conn(host=f"http://127.0.0.1:{closed_port}", timeout=0.1)
    with pytest.raises(UsageApiUnavailableError, match=f"{HINT} Gave up after 5 tries"):
        read_all(hook, ASKED)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_p8_a_proxy_whose_firewall_drops_packets_is_the_proxys_failure(
    hook, set_datacoves_conn, closed_port, monkeypatch, scheme
):
    monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{closed_port}")
    set_datacoves_conn(host=f"{scheme}://api.example.invalid", timeout=0.1)
    worked, said = hook.test_connection()
    assert not worked
    assert "Connection to 127.0.0.1 timed out." in said
    assert "The proxy in HTTP(S)_PROXY failed: check it" in said
    assert "0x" not in said


@pytest.mark.usefixtures("sleeps")
def test_p8_a_server_that_is_silent_is_described_without_a_python_object(hook, set_datacoves_conn):
    with HostileServer(lambda: [30.0]) as server:
        set_datacoves_conn(host=server.url, timeout=0.1)
        with pytest.raises(UsageApiUnavailableError, match=r"/billing/: Read timed out\. \(read timeout=0\.1\)\. Gave"):
            read_all(hook, ASKED)


@pytest.fixture
def resolve(monkeypatch) -> Callable[..., str]:
    """Make one name the name of several ports of this machine, as if they were addresses; return its URL."""
    look_up = socket.getaddrinfo

    def set_ports(*ports: int) -> str:
        def look_up_all(host: str, *args: Any, **kwargs: Any) -> list[Any]:
            if host != "several.invalid":
                return look_up(host, *args, **kwargs)
            return [found for port in ports for found in look_up("127.0.0.1", port, type=socket.SOCK_STREAM)]

        monkeypatch.setattr("socket.getaddrinfo", look_up_all)
        return "http://several.invalid"

    return set_ports


@pytest.fixture
def _short_limit(monkeypatch) -> None:
    monkeypatch.setattr("datacoves_usage_provider.hooks.trial.TIMEOUT", 0.3)


@pytest.mark.usefixtures("_short_limit")
def test_p9_the_test_button_ends_in_time_however_many_addresses_drop_packets(
    hook, set_datacoves_conn, closed_port, resolve
):
    url = resolve(*[closed_port] * 30)
    set_datacoves_conn(host=url)
    with stopwatch() as read:
        worked, said = hook.test_connection()
    assert read() < 5
    assert not worked
    assert said == f"No complete response from {url}/billing/ within 0.3 seconds: check the network. {HINT}"


@pytest.mark.usefixtures("_short_limit")
def test_p8_the_test_button_says_that_nothing_came_where_connecting_took_all_the_time(
    hook, set_datacoves_conn, closed_port, resolve, simulator
):
    """Such as where packets to the address of IPv6 are dropped."""
    url = resolve(closed_port, int(simulator.url.rpartition(":")[2]))
    set_datacoves_conn(host=url)
    worked, said = hook.test_connection()
    assert not worked
    assert said == (
        f"No complete response from {url}/billing/: nothing was received within 0.3 seconds, connecting included. "
        f"Check the network, or let Airflow retry later. {HINT}"
    )
