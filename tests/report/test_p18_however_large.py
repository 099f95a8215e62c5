"""The page of thousands of sub accounts, years of days and many budgets is quick and small."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from datacoves_usage_provider.page import content
from datacoves_usage_provider.query import Cell, CellsByDay
from datacoves_usage_provider.report import html
from datacoves_usage_provider.report.coverage import Coverage
from datacoves_usage_provider.report.csv_files import write_csv_files
from datacoves_usage_provider.report.period import make_page_period
from datacoves_usage_provider.report.reading import read_usage
from datacoves_usage_provider.report.readings import Alert
from datacoves_usage_provider.window import UsageWindow
from tests.report.conftest import TODAY
from tests.support.large_account import SUB_ACCOUNTS, fill
from tests.support.stopwatch import stopwatch


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
@pytest.mark.parametrize(("days", "busy_days"), [(60, 0), (12, 12)], ids=["many days", "many resources"])
def test_p18_a_page_is_quick_and_small(warehouse, days, busy_days):
    """`make bench-page` has ten years of days."""
    last = datetime.now(timezone.utc).date() - timedelta(days=1)
    fill(warehouse.uri, last, days, busy_days, name="<b>&" * 50)
    content.show_usage({})  # the first loads modules and templates
    with stopwatch() as read:
        page = content.show_usage({"days": "92"})
    assert page.status == 200
    assert "1,950 others" in page.html
    assert "<b>&<b>" not in page.html
    assert len(page.html) < 500_000
    assert read() < 10


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_p18_many_budgets_and_alerts_leave_a_page_small(reader):
    """Of budgets, those with the largest parts used or forecast are shown; the CSV file has all."""
    period = make_page_period(TODAY, 31)
    readings = read_usage(reader, period)
    (one,) = readings.budgets
    one = one._replace(amount=Decimal(100), forecast=None, forecast_low=None, forecast_high=None)
    used = [one._replace(name=f"budget {number:03}", used=Decimal(number)) for number in range(52)]
    forecast = [one._replace(name="forecast", used=None, forecast=Decimal(300)), one._replace(name="new", used=None)]
    alerts = [Alert(TODAY, ["used:80"], f"alert {number:03}") for number in range(23)]
    readings = replace(readings, budgets=[*used, *forecast], alerts=alerts)
    content = html.render_content(readings, period, None)
    shown = re.findall(r'<td class="name">(budget \d+|forecast|new)</td>', content)
    assert shown == [*(f"budget {number:03}" for number in range(3, 52)), "forecast"]
    assert ">and 4 more<" in content
    assert re.findall(r"alert \d+", content) == [f"alert {number:03}" for number in range(20)]
    assert ">and 3 more<" in content
    assert write_csv_files(readings, period)["budgets"].count(b"\r\n") == 1 + 54


def test_p18_what_is_missing_of_thousands_of_sub_accounts_is_found_quickly():
    """Each sub account is named by the loads' filters, so each day has thousands of rows in the load log."""
    last = date(2026, 11, 27)
    days = UsageWindow(last - timedelta(days=429), last + timedelta(days=1)).days
    hole = days[-20]
    named = {Cell(f"env{number}", "*", "*") for number in range(SUB_ACCOUNTS)}
    cells = {day: named - {Cell("env7", "*", "*")} if day == hole else named for day in days}
    cells[days[0]] = {Cell("*", "*", "*")}
    coverage = Coverage(CellsByDay(cells), last)
    with stopwatch() as read:
        assert coverage.find_holes(UsageWindow(days[-31], days[-1])) == [(Cell("env7", "*", "*"), [hole])]
        assert [coverage.get_state(day) for day in (days[0], hole, last)] == ["loaded", "part", "loaded"]
        assert len(coverage.find_loaded(days)) == 429
    assert read() < 3
