"""P9 and P12: result pages have an end, whatever a server makes of them, and are followed by what came."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import count, cycle
from typing import Any

import pytest

from datacoves_usage_provider.api.adverity import AdverityApi
from datacoves_usage_provider.api.reader import UsageReader
from datacoves_usage_provider.api.usage_api import UsageApi, UsagePage
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.exceptions import UsageApiUnavailableError, UsageDataError, UsageError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.simulator import Adverity, Simulator, faults
from datacoves_usage_provider.simulator import adverity as simulated
from datacoves_usage_provider.window import UsageWindow

MONTH = UsageQuery(UsageWindow(date(2025, 3, 1), date(2025, 4, 1)))


def read(simulator: Simulator, key: str, api: UsageApi | None = None) -> list[UsageRecord]:
    settings = ClientSettings("usage", simulator.url, key, "account")
    with closing(UsageSession(settings, logging.getLogger("usage"))) as session:
        chunks = UsageReader(api or AdverityApi(), session).read(MONTH)
        return [record for chunk in chunks for record in chunk.records]


@pytest.fixture
def api() -> Adverity:
    return Adverity()


@pytest.fixture
def simulator(api: Adverity) -> Iterator[Simulator]:
    with Simulator(api) as running:
        yield running


class Forever(list[Any]):
    """As many faults as there are requests."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return 1

    def pop(self, *_: Any) -> Any:
        return self._make()


@dataclass
class Pages:
    """Changes each response of Adverity into a page of 100 items, whose ids are those of ``first`` and after."""

    first: Callable[[], int]
    total: Callable[[], int]

    def __call__(self, response: dict[str, Any]) -> dict[str, Any]:
        start = self.first()
        item = {
            "date": "2025-03-01",
            "workspace_id": "w",
            "workspace_name": "W",
            "unique_rows": 1,
            "total_rows": 1,
        }
        return {"items": [item | {"datastream_id": str(start + n)} for n in range(100)], "count": self.total()}


ENDLESS = {
    "the first page, for ever": Pages(lambda: 0, lambda: 1_000_000),
    "the first page, for ever, and more and more of it": Pages(lambda: 0, count(1000).__next__),
    "two pages in turn": Pages(cycle((0, 100)).__next__, lambda: 1_000_000),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_p12_a_page_that_brings_nothing_new_ends_the_reading(api, simulator, name):
    simulator.faults = Forever(lambda: faults.Edit(ENDLESS[name]))
    with pytest.raises(UsageApiUnavailableError, match="4 times in a row"):
        read(simulator, api.key)
    assert len(simulator.requests) <= 12


def test_p9_pages_that_always_bring_something_new_have_an_end(api, simulator, mocker):
    mocker.patch("datacoves_usage_provider.api.result_pages._MAX_PAGES", 30)
    pages = Pages(count(0, 100).__next__, lambda: 10**9)
    simulator.faults = Forever(lambda: faults.Edit(pages))
    with pytest.raises(UsageDataError, match="do not end: there are more than 30"):
        read(simulator, api.key)
    assert len(simulator.requests) == 30


@pytest.mark.parametrize("most", [1, 7, 50, 99])
def test_p12_pages_smaller_than_requested_are_followed_by_what_came(api, simulator, mocker, most):
    api.end_inclusive = False
    expected = {(record.key, record.consumed_quantity) for record in read(simulator, api.key)}
    mocker.patch.object(simulated, "MAX_PAGE_SIZE", most)
    simulator.requests.clear()
    assert {(record.key, record.consumed_quantity) for record in read(simulator, api.key)} == expected
    items = len(expected) // 2
    assert len(simulator.requests) == -(-items // most)


class Cursors(AdverityApi):
    """Follows a cursor without saying how many records there are: page 2 names itself as the next one."""

    def parse_response(self, request: UsageRequest, body: bytes) -> UsagePage:
        return UsagePage((), request.next_page(cursor="2"))

    def get_requests(self, *args: Any) -> Iterable[UsageRequest]:
        return super().get_requests(*args)


def test_p9_a_page_that_names_an_earlier_one_as_the_next_ends_the_reading(api, simulator):
    with pytest.raises(UsageError, match="do not end: after 2 of them, one was repeated"):
        read(simulator, api.key, Cursors())
    assert len(simulator.requests) == 2
