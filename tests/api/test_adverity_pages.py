"""Adverity: result pages of 100, and rows that move between pages are never loaded twice or half."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from datacoves_usage_provider.exceptions import UsageApiUnavailableError, UsageDataError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.simulator.adverity_usage import Rows, Workspace
from tests.contract.cases import EMEA, MARKETING
from tests.support.truth import days, read_all, truth

ASKED = UsageQuery(days(date(2025, 3, 1), 31))
ONE_DAY = UsageQuery(days(date(2025, 3, 1), 1))
FEW = UsageQuery(days(date(2025, 3, 1), 3), {"workspace_id": (EMEA.id,)})
FIRST = (MARKETING.id, MARKETING.datastream_ids[0], date(2025, 3, 2))


@pytest.fixture
def conn_type() -> str:
    return "adverity"


def appear(api) -> Callable[[], None]:
    """Take an item away, and return what brings it back: the last item of page 1 is then the first one of page 2."""
    rows = api.rows(*FIRST) or Rows(1, 2)
    api.restate(*FIRST, None)
    return lambda: api.restate(*FIRST, rows)


def vanish(api) -> Callable[[], None]:
    """Return what takes an item away: the first item of page 2 is then the last one of page 1, and is missed."""
    api.restate(*FIRST, Rows(1, 2))
    return lambda: api.restate(*FIRST, None)


def move(api) -> Callable[[], None]:
    """As many items as before, so that ``count`` does not tell: one appears on page 1, and one goes from page 3."""
    last = (MARKETING.id, MARKETING.datastream_ids[1], date(2025, 3, 30))
    api.restate(*last, Rows(5, 6))
    bring = appear(api)

    def change() -> None:
        bring()
        api.restate(*last, None)

    return change


def get_pages(simulator) -> list[str]:
    return [request.query["page"] for request in simulator.requests]


@pytest.mark.parametrize("make", [appear, vanish, move])
def test_p12_a_row_that_moves_between_pages_is_loaded_once(api, simulator, reader, make):
    api.between_pages.append(make(api))
    assert read_all(reader, ASKED) == truth(api, ASKED)
    assert get_pages(simulator) == ["1", "2", "3"] * 2


def toggle_between_pages(api, readings: int) -> None:
    """Let an item go, or come back, while each of so many readings is under way."""
    toggled = [Rows(1, 2), None]

    def toggle() -> None:
        toggled.reverse()
        api.restate(*FIRST, toggled[0])

    api.restate(*FIRST, toggled[0])
    api.between_pages[:] = [toggle] * readings


def test_p12_all_is_read_again_up_to_three_times(api, simulator, reader):
    toggle_between_pages(api, readings=3)
    assert read_all(reader, ASKED) == truth(api, ASKED)
    assert get_pages(simulator) == ["1", "2", "3"] * 4


def test_p12_rows_that_move_in_each_of_four_readings_are_an_error(api, simulator, reader):
    toggle_between_pages(api, readings=4)
    with pytest.raises(UsageApiUnavailableError, match="while its pages were read, 4 times in a row. None of them"):
        read_all(reader, ASKED)
    assert get_pages(simulator) == ["1", "2", "3"] * 4


def give_items(api, count: int) -> list[tuple[str, str, date]]:
    """Let the API have so many items, all of one day and workspace; return their keys."""
    keys = [(MARKETING.id, f"stream-{number:03}", ONE_DAY.window.start) for number in range(count)]
    api.workspaces, api.end_inclusive = (Workspace(MARKETING.id, MARKETING.name, tuple(key[1] for key in keys)),), False
    api.restate(MARKETING.id, None, ONE_DAY.window.start, None)
    for key in keys:
        api.restate(*key, Rows(1, 2))
    return keys


@pytest.mark.parametrize("reject_past_end", [False, True])
@pytest.mark.parametrize(
    ("count", "pages"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (199, 2), (200, 2), (201, 3), (1000, 10)]
)
def test_no_more_pages_are_requested_than_there_are(api, simulator, reader, count, pages, reject_past_end):
    api.reject_past_end = reject_past_end
    give_items(api, count)
    found = read_all(reader, ONE_DAY)
    assert (found, len(found)) == (truth(api, ONE_DAY), 2 * count)
    assert get_pages(simulator) == [str(number) for number in range(1, pages + 1)]


@pytest.mark.parametrize("reject_past_end", [False, True])
def test_p12_pages_are_read_again_if_one_is_gone_before_it_is_requested(api, simulator, reader, reject_past_end):
    """101 items become 99."""
    api.reject_past_end = reject_past_end
    keys = give_items(api, 101)
    api.between_pages.append(lambda: [api.restate(*key, None) for key in keys[:2]] and None)
    assert read_all(reader, ONE_DAY) == truth(api, ONE_DAY)
    assert get_pages(simulator) == ["1", "2", "1"]


def test_p12_a_page_that_is_always_gone_is_tried_later(simulator, reader):
    simulator.faults.extend([None, faults.Status(404, detail="Invalid page.")] * 4)
    with pytest.raises(UsageApiUnavailableError, match="4 times in a row"):
        read_all(reader, ASKED)
    assert len(simulator.requests) == 8


def empty(body: dict[str, Any]) -> dict[str, Any]:
    return body | {"items": [], "count": 5000}


def test_p12_no_page_is_requested_after_an_empty_one(simulator, reader):
    simulator.faults[:] = [faults.Edit(empty)] * 200
    with pytest.raises(UsageDataError, match="the response says that it has 10000 records, but it has 0"):
        read_all(reader, ASKED)
    assert get_pages(simulator) == ["1"]


def test_p12_pages_are_read_again_if_a_later_one_is_empty(api, simulator, reader):
    simulator.faults[:] = [None, faults.Edit(empty)]
    assert read_all(reader, ASKED) == truth(api, ASKED)
    assert get_pages(simulator) == ["1", "2", "1", "2", "3"]


def miscount(by: int) -> faults.Edit:
    return faults.Edit(lambda body: body | {"count": len(body["items"]) + by})


def test_p12_a_single_page_that_contradicts_itself_is_an_error(simulator, reader):
    simulator.faults.append(miscount(-1))
    with pytest.raises(UsageDataError, match="the response says that it has .* records, but it has"):
        read_all(reader, FEW)


@pytest.mark.parametrize("by", [1, 100])
def test_p12_pages_are_read_again_if_one_announces_another_that_has_nothing(api, simulator, reader, by):
    simulator.faults.append(miscount(by))
    assert read_all(reader, FEW) == truth(api, FEW)
    assert get_pages(simulator) == ["1", "2", "1"]


@pytest.mark.parametrize("count", ["12", None, -1, True])
def test_p12_a_count_that_is_not_a_number_is_an_error(simulator, reader, count):
    simulator.faults.append(faults.Edit(lambda body: body | {"count": count}))
    with pytest.raises(UsageDataError, match="the whole response, field 'count'"):
        read_all(reader, ASKED)
