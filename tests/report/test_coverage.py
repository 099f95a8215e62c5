"""Which days are loaded, in part or not at all, whatever the loads were of."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from datacoves_usage_provider.query import Cell, CellsByDay
from datacoves_usage_provider.report.coverage import Coverage
from datacoves_usage_provider.report.period import make_page_period
from datacoves_usage_provider.report.selection import find_spans
from datacoves_usage_provider.window import UsageWindow

ALL, PROD, DEV = Cell(), Cell("prod"), Cell("dev")
UNTIL = date(2026, 11, 27)
WINDOW = UsageWindow(date(2026, 11, 1), date(2026, 11, 28))


def ago(days: int) -> date:
    return UNTIL - timedelta(days=days)


def cover(cells: dict[int, set[Cell]]) -> Coverage:
    """Return the coverage of a load log with these cells, by days before the last."""
    return Coverage(CellsByDay({ago(days): found for days, found in cells.items()}), UNTIL)


def test_a_day_of_which_one_environment_is_missing_is_loaded_in_part():
    coverage = cover({0: {PROD, DEV}, 1: {PROD}, 2: {PROD, DEV}})
    assert [coverage.get_state(ago(days)) for days in range(4)] == ["loaded", "part", "loaded", "missing"]
    assert coverage.find_holes(WINDOW) == [(DEV, [ago(1)])]


def test_a_load_of_all_has_each_part():
    coverage = cover({0: {ALL}, 1: {ALL, PROD}, 2: {PROD}})
    assert coverage.expected == [ALL]
    assert [coverage.get_state(ago(days)) for days in range(3)] == ["loaded", "loaded", "part"]


def test_a_new_environment_with_a_filter_of_its_own_is_expected_from_its_first_load_on():
    coverage = cover({0: {PROD, DEV}, 1: {PROD}, 2: {PROD, DEV}, 3: {PROD}, 4: {PROD}})
    assert [coverage.get_state(ago(days)) for days in range(5)] == ["loaded", "part", "loaded", "loaded", "loaded"]
    assert coverage.find_holes(WINDOW) == [(DEV, [ago(1)])]


def test_nothing_is_missing_before_the_first_load():
    assert cover({0: {ALL}, 5: {ALL}}).find_holes(WINDOW) == [(ALL, [ago(4), ago(3), ago(2), ago(1)])]


def test_a_part_that_is_no_longer_loaded_is_no_longer_expected():
    assert cover({0: {PROD}, 40: {PROD, DEV}}).expected == [PROD]
    assert cover({40: {PROD, DEV}}).expected == [DEV, PROD]


def test_without_any_load_there_is_no_last_day():
    coverage = cover({})
    assert (coverage.last, coverage.first, coverage.find_holes(WINDOW)) == (None, None, [])


def test_p19_days_that_are_loaded_in_part_are_not_compared():
    days = {day: {PROD, DEV} for day in range(60)}
    days[3] = {PROD}
    days[30 + 4] = {DEV}  # 24 October
    spans = find_spans(make_page_period(date(2026, 11, 28), 31), cover(days))
    assert len(spans.pairs) == 27 - 1
    assert {ago(3), ago(34)} - {day for pair in spans.pairs for day in pair} == {ago(3), ago(34)}
    assert spans.last == UNTIL
    assert len(spans.usual) == 4


@pytest.mark.parametrize("today", [date(2026, 12, 1), date(2026, 3, 31), date(2026, 3, 1)], ids=str)
def test_p19_a_month_is_compared_with_days_that_the_one_before_has(today):
    period = make_page_period(today, 31)
    pairs = period.pair_days(period.so_far.days + period.previous_month.days)
    assert len(pairs) == min(len(period.so_far.days), len(period.previous_month.days))
    assert all(day.day == before.day for day, before in pairs)
