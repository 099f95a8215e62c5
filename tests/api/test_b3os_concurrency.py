"""B3OS: four requests in flight, fewer after 429, and an end to all of them as soon as one fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from threading import Event

import pytest

from datacoves_usage_provider.exceptions import UsageApiError, UsageConfigError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import faults
from tests.support.truth import days, read_all, read_records, take, truth

ASKED = UsageQuery(days(date(2025, 3, 1), 31))
FASTER = 5


@pytest.fixture
def conn_type() -> str:
    return "b3os"


@pytest.fixture
def _fast_clock(mocker) -> None:
    """Five seconds of the API's limit, and of the waits that it asks for, in one."""
    mocker.patch("datacoves_usage_provider.simulator.b3os.monotonic", side_effect=lambda: time.monotonic() * FASTER)

    def wait_for(stopping: Event) -> Callable[[float], object]:
        return lambda seconds: stopping.wait(seconds / FASTER)

    mocker.patch("datacoves_usage_provider.client.retry.sleep_using_event", wait_for)


def count_status(simulator, status: int) -> int:
    return [request.status for request in simulator.requests].count(status)


def test_p9_four_requests_are_in_flight_and_no_more(api, reader):
    api.latency = 0.2
    assert read_all(reader, ASKED) == truth(api, ASKED)
    assert api.most_in_flight == 4


@pytest.mark.usefixtures("_fast_clock")
@pytest.mark.parametrize(("rate", "length"), [(3, 31), (4, 40), (5, 62)])
def test_p9_a_rate_limit_ends_without_an_error(api, simulator, reader, rate, length):
    api.requests_per_second = rate
    asked = UsageQuery(days(ASKED.window.start, length))
    chunks = list(reader.read(asked))
    assert take(record for chunk in chunks for record in chunk.records) == truth(api, asked)
    assert sum(chunk.retries for chunk in chunks) == count_status(simulator, 429) > 0
    assert count_status(simulator, 200) == length
    # A client that does not slow down gets three error responses for each that has usage.
    assert count_status(simulator, 429) < length


def test_p9_after_an_error_response_it_becomes_four_again(api, simulator, reader, sleeps):
    api.latency = 0.2
    simulator.faults.append(faults.Status(429))
    chunks = reader.read(UsageQuery(days(ASKED.window.start, 62)))
    assert next(chunks).retries == 1
    api.most_in_flight = 0
    next(chunks)
    assert api.most_in_flight == 4


@pytest.mark.parametrize("position", [0, 10])
def test_p8_an_error_of_one_day_stops_the_others_soon(api, simulator, reader, position):
    api.latency = 0.3
    simulator.faults.extend([*[None] * position, faults.Status(401)])
    with pytest.raises(UsageConfigError):
        read_all(reader, ASKED)
    assert position < len(simulator.requests) <= position + 16


@pytest.mark.parametrize(
    ("fault", "error"), [(faults.Status(403), UsageConfigError), (faults.Status(400), UsageApiError)], ids=repr
)
def test_p8_an_error_ends_the_waits_of_the_others(api, simulator, reader, fault, error):
    """One request is asked to come again in 50 seconds, and really waits, when another one fails."""
    api.latency = 0.2
    simulator.faults.extend([faults.Status(429, retry_after=50), *[None] * 4, fault])
    since = time.monotonic()
    with pytest.raises(error):
        read_all(reader, ASKED)
    assert time.monotonic() - since < 20
    assert len(simulator.requests) < 20


def test_records_come_in_the_same_order_whichever_response_is_first(api, simulator, reader):
    def read() -> list:
        return [(record.key, record.consumed_quantity) for record in read_records(reader, ASKED)]

    first = read()
    simulator.faults.extend([faults.Slow(0.1), None, faults.Slow(0.05)])
    assert read() == first
