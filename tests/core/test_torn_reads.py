"""P5: several responses that make one state are loaded only if they agree on what they both say."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timezone
from typing import Any

import pytest

from datacoves_usage_provider.api.datacoves_billing import DatacovesBillingApi
from datacoves_usage_provider.api.reader import UsageReader
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.exceptions import UsageApiUnavailableError
from datacoves_usage_provider.query import Scope, UsageQuery
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.simulator import DatacovesBilling, Simulator, faults
from datacoves_usage_provider.window import UsageWindow

pytestmark = pytest.mark.usefixtures("in_turn")

DAY = date(2026, 11, 10)
QUERY = UsageQuery(UsageWindow(DAY, date(2026, 11, 11)))


def row(service: str, minutes: int, day: date = DAY) -> dict[str, Any]:
    return {"environment_slug": "abc123", "service": service, "date": str(day), "amount_minutes": minutes}


BEFORE = [row("airflow", 100), row("unknown", 20)]
AFTER = [row("airflow", 120)]
REST = (AFTER, [])
"""What the responses to a request for all services and to one for ``unknown`` say when nothing moves any more."""


@pytest.fixture
def api() -> DatacovesBilling:
    return DatacovesBilling()


@pytest.fixture
def simulator(api: DatacovesBilling) -> Iterator[Simulator]:
    with Simulator(api) as running:
        yield running


def read(simulator: Simulator, api: DatacovesBillingApi | None = None, query: UsageQuery = QUERY) -> list[UsageRecord]:
    settings = ClientSettings("usage", simulator.billing_url, DatacovesBilling.key, "account")
    with closing(UsageSession(settings, logging.getLogger("usage"))) as session:
        (chunk,) = UsageReader(api or DatacovesBillingApi(), session).read(query)
    assert chunk.requests == len(simulator.requests)
    return list(chunk.records)


def add(records: list[UsageRecord]) -> dict[str, int]:
    assert len({record.key for record in records}) == len(records)
    return {record.service_name: int(record.consumed_quantity) for record in records}


def respond(simulator: Simulator, *responses: list[dict[str, Any]]) -> None:
    simulator.faults[:] = [faults.Rows(rows) for rows in responses]


TORN = {
    "minutes leave unknown between the requests": (BEFORE, []),
    "minutes enter unknown between the requests": ([*AFTER, row("unknown", 1)], [row("unknown", 21)]),
    "unknown has another day": ([*AFTER, row("unknown", 1)], [row("unknown", 1), row("unknown", 1)]),
}


@pytest.mark.parametrize("name", TORN)
def test_p5_responses_that_contradict_each_other_are_read_again(simulator, name):
    respond(simulator, *TORN[name], *REST)
    assert add(read(simulator)) == {"airflow": 120}
    assert len(simulator.requests) == 4


def test_p5_responses_that_contradict_each_other_four_times_are_not_loaded(simulator):
    respond(simulator, *[BEFORE, []] * 4)
    with pytest.raises(
        UsageApiUnavailableError,
        match="^Connection 'usage': .* 4 times in a row: Worker Minutes / abc123 / unknown on 2026-11-10 is 20 in one",
    ):
        read(simulator)
    assert len(simulator.requests) == 8


@pytest.mark.parametrize("first", [[row("airflow", 100)], BEFORE], ids=["left out", "said twice"])
def test_p5_what_a_wider_response_leaves_out_or_says_too_counts_once(simulator, first):
    respond(simulator, first, [row("unknown", 20)])
    assert add(read(simulator)) == {"airflow": 100, "unknown": 20}
    assert len(simulator.requests) == 2


def test_p5_rows_of_one_key_are_added_up_before_they_are_compared(simulator):
    respond(simulator, [row("airflow", 1), row("unknown", 20)], [row("unknown", 5), row("unknown", 15)])
    assert add(read(simulator)) == {"airflow": 1, "unknown": 20}
    assert len(simulator.requests) == 2


def test_p5_each_environment_is_compared_by_itself(simulator):
    query = UsageQuery(QUERY.window, {"environment_slug": ("abc123", "def456")})
    other = {**row("airflow", 7), "environment_slug": "def456"}
    respond(simulator, BEFORE, [row("unknown", 20)], [other], [])
    assert sorted(int(record.consumed_quantity) for record in read(simulator, query=query)) == [7, 20, 100]
    assert len(simulator.requests) == 4


class Requests(DatacovesBillingApi):
    """Requests whatever a test wants."""

    def __init__(self, *asked: tuple[UsageWindow, Scope]) -> None:
        self._asked = asked

    def get_requests(self, settings: ClientSettings, query: UsageQuery) -> Iterator[UsageRequest]:
        for window, scope in self._asked:
            yield replace(next(iter(super().get_requests(settings, query))), window=window, scope=scope)


WIDE = UsageWindow(DAY, date(2026, 11, 13))
FIRST, LAST = UsageWindow(DAY, date(2026, 11, 12)), UsageWindow(date(2026, 11, 11), date(2026, 11, 13))
SECOND_DAY, THIRD_DAY = row("airflow", 2, date(2026, 11, 11)), row("airflow", 3, date(2026, 11, 12))


def test_p5_windows_that_overlap_count_a_day_once(simulator):
    respond(simulator, [row("airflow", 1), SECOND_DAY], [SECOND_DAY, THIRD_DAY])
    records = read(simulator, Requests((FIRST, Scope()), (LAST, Scope())), UsageQuery(WIDE))
    assert sorted(int(record.consumed_quantity) for record in records) == [1, 2, 3]


def test_p5_windows_that_overlap_and_disagree_are_not_loaded(simulator):
    respond(simulator, *[[row("airflow", 1), SECOND_DAY], [THIRD_DAY]] * 4)
    with pytest.raises(UsageApiUnavailableError, match="contradict each other"):
        read(simulator, Requests((FIRST, Scope()), (LAST, Scope())), UsageQuery(WIDE))


def test_p5_the_day_after_a_window_is_that_of_the_next_request_alone(simulator):
    """Each of three requests for one day also brings the next day, since its end is inclusive."""
    days = [(UsageWindow(day, day.replace(day=day.day + 1)), Scope()) for day in WIDE.days]
    respond(simulator, [row("airflow", 1), SECOND_DAY], [SECOND_DAY, THIRD_DAY], [THIRD_DAY])
    records = read(simulator, Requests(*days), UsageQuery(WIDE))
    assert sorted(int(record.consumed_quantity) for record in records) == [1, 2, 3]


def test_requests_of_one_window_and_scope_are_added_up(simulator):
    """Such as those of two regions, which the tables do not tell apart."""
    respond(simulator, [row("airflow", 1)], [row("airflow", 2)])
    assert add(read(simulator, Requests(*[(QUERY.window, Scope())] * 2))) == {"airflow": 3}


def test_p5_a_restatement_between_two_requests_of_a_simulated_api_is_loaded_whole(api, simulator):
    """The simulator's own numbers move after the first response."""
    api.unknown_in_unfiltered, api.now = True, lambda: datetime(2026, 11, 22, tzinfo=timezone.utc)
    api.restate("abc123", "airflow", DAY, 100)
    api.restate("abc123", "unknown", DAY, 20)

    def move(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        api.restate("abc123", "airflow", DAY, 120)
        api.restate("abc123", "unknown", DAY, None)
        return rows

    simulator.faults.append(faults.Edit(move))
    records = read(simulator, query=UsageQuery(QUERY.window, {"environment_slug": ("abc123",)}))
    assert add(records) == {"airflow": 120, "airbyte": api.minutes("abc123", "airbyte", DAY)}
