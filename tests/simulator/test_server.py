"""The port, its connections and the log of what arrived."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
import requests

from datacoves_usage_provider.simulator import Adverity, B3os, DatacovesBilling, Simulator, WebCrawlerApi, faults
from datacoves_usage_provider.simulator.exchange import Request, Response, json_response
from tests.support.waiting import wait_until


def test_every_request_is_logged_as_it_came_with_the_status_of_its_response(get, simulator, http, api):
    get("/my-env", service="a b", start_date="")
    http.get(f"{simulator.url}/elsewhere", headers={"x-ORG-id": "7"}, timeout=60)
    first, second = simulator.requests
    assert (first.method, first.path, first.status) == ("GET", "/api/v1/billing/my-env", 301)
    assert first.query == {"service": "a b", "start_date": ""}
    assert first.headers["Authorization"] == f"Token {api.key}"
    assert (second.path, second.query, second.status) == ("/elsewhere", {}, 404)
    assert second.headers["X-Org-Id"] == "7"


def test_a_request_is_logged_before_its_response_is_sent(simulator, http):
    simulator.faults.append(faults.Slow(30))
    with pytest.raises(requests.ReadTimeout):
        http.get(f"{simulator.billing_url}/", timeout=0.2)
    wait_until(lambda: [request.status for request in simulator.requests] == [200])


def test_a_connection_is_kept(simulator, api):
    parts = urlsplit(simulator.url)
    message = f"GET /api/v1/billing/ HTTP/1.1\r\nHost: x\r\nAuthorization: Token {api.key}\r\n\r\n".encode()
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        for _ in range(3):
            connection.sendall(message)
            assert read_one_response(connection).startswith(b"HTTP/1.1 200 OK\r\n")


def test_the_response_to_head_has_no_body(simulator):
    parts = urlsplit(simulator.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        connection.sendall(b"HEAD /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        with connection.makefile("rb") as response:
            assert response.read().endswith(b"\r\n\r\n")


def read_one_response(connection):
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    assert len(body) == length
    return head


def test_kept_connections_respond_without_delay(get):
    """A delayed acknowledgement costs each of them 40 ms; a busy machine does not slow down all twenty."""
    get()
    moments = [time.monotonic() for _ in range(21) if get()]
    assert min(later - earlier for earlier, later in pairwise(moments)) < 0.03


def test_requests_are_served_concurrently(simulator, api):
    """Seven requests wait for a response that never comes, and the eighth has its own at once."""
    simulator.faults.extend([faults.Slow(120)] * 7)

    def get():
        return requests.get(f"{simulator.billing_url}/", headers={"Authorization": f"Token {api.key}"}, timeout=60)

    with ThreadPoolExecutor(7) as pool:
        waiting = [pool.submit(get) for _ in range(7)]
        wait_until(lambda: len(simulator.requests) == 7)
        assert get().status_code == 200
        assert not any(one.done() for one in waiting)
        simulator.stop()
    assert {type(one.exception()) for one in waiting} == {requests.ConnectionError}
    assert (len(simulator.requests), simulator.faults) == (8, [])


def test_after_the_end_nothing_responds_not_even_a_kept_connection(api, http):
    with Simulator(api) as simulator:
        assert http.get(f"{simulator.billing_url}/", timeout=60).status_code == 200
    with pytest.raises(requests.ConnectionError):
        http.get(f"{simulator.billing_url}/", timeout=60)
    assert len(simulator.requests) == 1


def test_the_end_does_not_wait_for_slow_responses(api, http):
    with Simulator(api) as simulator:
        simulator.faults.append(faults.Slow(120))
        with pytest.raises(requests.ReadTimeout):
            http.get(f"{simulator.billing_url}/", timeout=0.1)
        started = time.monotonic()
    assert time.monotonic() - started < 60


def test_a_client_that_goes_away_is_not_an_error(simulator, http, capfd):
    simulator.faults.extend([faults.Body("x" * 10_000_000)])
    with http.get(f"{simulator.billing_url}/", stream=True, timeout=60) as response:
        response.raw.read(10)
    simulator.stop()
    assert capfd.readouterr() == ("", "")


def test_it_can_start_again_on_its_port(simulator, get):
    url = simulator.url
    simulator.stop()
    simulator.start()
    assert simulator.url == url
    assert get().status_code == 200


def test_it_listens_on_the_loopback_only(simulator):
    assert urlsplit(simulator.url).hostname == "127.0.0.1"
    assert urlsplit(simulator.url).port > 0
    assert simulator.billing_url == f"{simulator.url}/api/v1/billing"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", urlsplit(simulator.url).port), timeout=60)


def test_a_port_can_be_chosen_and_a_taken_one_is_an_error(simulator):
    port = urlsplit(simulator.url).port
    with pytest.raises(OSError, match="in use"):
        Simulator(DatacovesBilling(), port=port).start()
    simulator.stop()
    with Simulator(DatacovesBilling(), port=port) as other:
        assert other.url == f"http://127.0.0.1:{port}"


def test_all_values_of_a_repeated_parameter_can_be_read():
    request = Request("GET", "/?a=1&b=2&a=3%2C4&a=")
    assert request.values("a") == ("1", "3,4", "")
    assert request.values("c") == ()
    assert request.query == {"a": "", "b": "2"}


@dataclass
class Echo:
    """Another API on the same port."""

    path: str = "/v1/echo"

    def respond(self, request: Request) -> Response:
        return json_response(200, request.query)

    def finish(self, request: Request, response: Response) -> Response:
        return response


def test_several_apis_share_a_port(api, http):
    with Simulator(api, Echo()) as simulator:
        assert http.get(f"{simulator.url}/v1/echo?a=1", timeout=60).json() == {"a": "1"}
        assert http.get(f"{simulator.billing_url}/", timeout=60).status_code == 200
        assert http.get(f"{simulator.url}/v1/other", timeout=60).status_code == 404


def test_the_apis_of_all_vendors_share_a_port(api):
    adverity, crawler, b3os = Adverity(), WebCrawlerApi(), B3os()
    with Simulator(api, adverity, crawler, b3os) as simulator:
        for key, path in {
            f"Token {api.key}": "/api/v1/billing/",
            f"Token {adverity.key}": "/api/v1/usage/",
            f"Bearer {crawler.key}": "/v2/organization/usage",
            f"Bearer {b3os.key}": f"/v1/organizations/{b3os.organization_id}/cu/usage-by-workflow?from=0&to=1",
        }.items():
            response = requests.get(simulator.url + path, headers={"Authorization": key}, timeout=60)
            assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")


def test_an_api_responds_without_a_socket(api):
    request = Request("GET", "/api/v1/billing/?service=dbt", {"Authorization": f"Token {api.key}"})
    response = api.respond(request)
    assert (response.status, response.body) == (200, b"[]")
