"""B3OS: four requests under way, polite to 429, and an end to all of them as soon as one fails."""

from __future__ import annotations

import time
from datetime import date
from threading import Event

import pytest

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.exceptions import UsageApiError, UsageConfigError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import faults
from tests.contract.cases import find_case
from tests.support.truth import days, loaded, read_all, take, truth

ASKED = UsageQuery(days(date(2025, 3, 1), 31))
FASTER = 5


@pytest.fixture
def case():
    return find_case("b3os")


@pytest.fixture
def _fast_clock(mocker) -> None:
    """Five seconds of the API's limit, and of the waits that it asks for, in one."""
    mocker.patch("datacoves_usage_provider.simulator.b3os.monotonic", side_effect=lambda: time.monotonic() * FASTER)

    def wait(seconds: float, stopping: Event) -> None:
        stopping.wait(seconds / FASTER)

    mocker.patch("datacoves_usage_provider.client.retry.sleep", wait)


def count_status(simulator, status: int) -> int:
    return [request.status for request in simulator.requests].count(status)


def test_four_requests_are_under_way_and_no_more(api, hook):
    api.latency = 0.2
    assert read_all(hook, ASKED) == truth(api, ASKED)
    assert api.most_in_flight == 4


@pytest.mark.usefixtures("_fast_clock")
@pytest.mark.parametrize(("rate", "length"), [(3, 31), (4, 40), (5, 62)])
def test_p9_a_rate_limit_ends_without_failure(api, simulator, hook, rate, length):
    api.requests_per_second = rate
    asked = UsageQuery(days(ASKED.window.start, length))
    chunks = list(hook.read(asked))
    assert take(record for chunk in chunks for record in chunk.records) == truth(api, asked)
    assert sum(chunk.retries for chunk in chunks) == count_status(simulator, 429) > 0
    assert count_status(simulator, 200) == length
    # Most of the requests are answered: a client that does not slow down meets three refusals for each answer.
    assert count_status(simulator, 429) < length


def test_p9_after_a_refusal_it_becomes_four_again(api, simulator, hook, sleeps):
    api.latency = 0.2
    simulator.faults.append(faults.Status(429))
    chunks = hook.read(UsageQuery(days(ASKED.window.start, 62)))
    assert next(chunks).retries == 1
    api.most_in_flight = 0
    next(chunks)
    assert api.most_in_flight == 4


@pytest.mark.parametrize("position", [0, 10])
def test_p8_a_failure_of_one_day_stops_the_others_soon(api, simulator, collect, sqlite_warehouse, position):
    api.latency = 0.3
    simulator.faults.extend([*[None] * position, faults.Status(401)])
    with pytest.raises(AirflowFailException):
        collect(start=str(ASKED.window.start), end=str(ASKED.window.end))
    assert position < len(simulator.requests) <= position + 16
    assert loaded(sqlite_warehouse) == {}
    assert sqlite_warehouse.query("SELECT * FROM usage_load_log") == []


@pytest.mark.parametrize(
    ("fault", "error"), [(faults.Status(403), UsageConfigError), (faults.Status(400), UsageApiError)], ids=repr
)
def test_p8_a_failure_ends_the_waits_of_the_others(api, simulator, hook, fault, error):
    """One request is told to come again in 50 seconds, and really waits, when another one fails."""
    api.latency = 0.2
    simulator.faults.extend([faults.Status(429, retry_after=50), *[None] * 4, fault])
    since = time.monotonic()
    with pytest.raises(error):
        list(hook.get_usage(ASKED))
    assert time.monotonic() - since < 20
    assert len(simulator.requests) < 20


def test_p8_after_a_failure_the_hook_can_read_again(api, simulator, hook):
    simulator.faults.append(faults.Status(400))
    with pytest.raises(UsageApiError):
        list(hook.get_usage(ASKED))
    assert read_all(hook, ASKED) == truth(api, ASKED)


def test_records_come_in_the_same_order_whatever_answers_first(api, simulator, hook):
    def read() -> list:
        return [(record.key, record.consumed_quantity) for record in hook.get_usage(ASKED)]

    first = read()
    simulator.faults.extend([faults.Slow(0.1), None, faults.Slow(0.05)])
    assert read() == first
