"""The page of an account with thousands of sub accounts and years of days is quick and small."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta, timezone

import pytest

from datacoves_usage_provider.page import content
from datacoves_usage_provider.query import Cell
from datacoves_usage_provider.report.coverage import Coverage
from datacoves_usage_provider.warehouse.load_log import LoadedDays
from datacoves_usage_provider.window import UsageWindow
from tests.support.large_account import SUB_ACCOUNTS, fill


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
@pytest.mark.parametrize(("days", "busy_days"), [(60, 0), (12, 12)], ids=["many days", "many resources"])
def test_p18_a_page_is_quick_and_small(warehouse, days, busy_days):
    """`make bench-page` has ten years of days."""
    last = datetime.now(timezone.utc).date() - timedelta(days=1)
    fill(warehouse.uri, last, days, busy_days, name="<b>&" * 50)
    content.show_usage({})  # the first loads modules and templates
    since = time.monotonic()
    page = content.show_usage({"days": "92"})
    seconds = time.monotonic() - since
    assert page.status == 200
    assert "1950 others" in page.html
    assert "<b>&<b>" not in page.html
    assert len(page.html) < 500_000
    assert seconds < 10


def test_p18_what_is_missing_of_thousands_of_sub_accounts_is_found_quickly():
    """Each sub account is named by the loads' filters, so each day has thousands of rows in the load log."""
    last = date(2026, 11, 27)
    days = UsageWindow(last - timedelta(days=429), last + timedelta(days=1)).days
    hole = days[-20]
    named = {Cell(f"env{number}", "*", "*") for number in range(SUB_ACCOUNTS)}
    cells = {day: named - {Cell("env7", "*", "*")} if day == hole else named for day in days}
    cells[days[0]] = {Cell("*", "*", "*")}
    coverage = Coverage(LoadedDays(cells), last)
    since = time.monotonic()
    assert coverage.find_holes(UsageWindow(days[-31], days[-1])) == [(Cell("env7", "*", "*"), [hole])]
    assert [coverage.get_state(day) for day in (days[0], hole, last)] == ["loaded", "part", "loaded"]
    assert len(coverage.find_loaded(days)) == 429
    assert time.monotonic() - since < 3
