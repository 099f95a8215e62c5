"""P1: whole UTC days. The day that is running is never loaded, and no timestamp is rounded into another day."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.operators.plan import cut_to_complete_days
from datacoves_usage_provider.window import UsageWindow, parse_day, utc_day
from tests.support.truth import window

NOW = datetime(2026, 11, 22, 0, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-15", "2026-11-15"),
        ("2026-11-15T10:30:00Z", "2026-11-15"),
        ("2026-11-15t10:30:00z", "2026-11-15"),
        ("2026-11-15 10:30", "2026-11-15"),
        ("2026-11-15T23:59:59.9999996Z", "2026-11-15"),
        ("2026-11-15T23:59:60Z", "2026-11-15"),
        ("2026-11-15T23:59:59,999999999999", "2026-11-15"),
        ("2026-11-15T00:00:00+05:30", "2026-11-14"),
        ("2026-11-15 00:00:00+01", "2026-11-14"),
        ("2026-11-15 08:00:00+00", "2026-11-15"),
        ("2026-11-15T23:30:00-0800", "2026-11-16"),
        ("2024-02-29T23:59:59+00:00", "2024-02-29"),
    ],
)
def test_p1_a_timestamp_is_of_the_utc_day_that_it_lies_in(text, day):
    assert utc_day(text) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "10:30",
        "2026-11",
        "20261115",
        "2026-319",
        "2026-W47-1",
        "2026-02-30",
        "2026-11-15T24:00:00Z",
        "2026-11-15T10:30:00 Z",
        "2026-11-15T10:30:00+99:00",
        "0001-01-01T00:00:00+05:00",
        "２０２６-11-15",
    ],
)
def test_p1_what_is_not_a_date_is_an_error(text):
    with pytest.raises(ValueError, match=".+"):
        utc_day(text)


@given(
    st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 (zones come below)
    st.integers(-14 * 60, 14 * 60),
)
def test_p1_any_timestamp_has_the_day_that_python_gives_it(moment, minutes):
    moment = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert utc_day(moment.isoformat()) == moment.astimezone(timezone.utc).date()


def test_p1_a_window_is_cut_to_the_days_that_are_over():
    assert cut_to_complete_days(window("2026-11-20", "2026-11-25"), NOW) == window("2026-11-20", "2026-11-22")
    assert cut_to_complete_days(window("2026-11-20", "2026-11-22"), NOW) == window("2026-11-20", "2026-11-22")


def test_p1_a_task_warns_of_a_window_that_is_cut(collect, printed):
    def warnings() -> list[str]:
        return [line for line in printed() if "is cut to" in line]

    collect(start="2026-11-20", end="2026-11-22", sql_conn_id=None)
    assert warnings() == []
    end = collect(start="2026-11-20", end="2099-01-01", sql_conn_id=None)["window"]["end"]
    (said,) = warnings()
    last = date.fromisoformat(end) - timedelta(days=1)
    assert f"2026-11-20 to 2098-12-31 is cut to 2026-11-20 to {last}: a day that is still running is never" in said


def test_p1_the_running_day_depends_on_utc_and_not_on_the_zone_of_the_clock():
    tokyo = NOW.astimezone(timezone(timedelta(hours=9))) - timedelta(hours=1)  # still the 21st in UTC
    assert cut_to_complete_days(window("2026-11-20", "2026-11-22"), tokyo).end == date(2026, 11, 21)


@pytest.mark.parametrize(("start", "end"), [("2026-11-22", "2026-11-23"), ("2027-01-01", "2027-02-01")])
def test_p1_a_window_with_no_complete_day_is_an_error(start, end):
    with pytest.raises(UsageConfigError, match="last complete UTC day is 2026-11-21"):
        cut_to_complete_days(window(start, end), NOW)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 500), st.integers(1, 40))
def test_p1_chunks_partition_a_window(start, days, max_days):
    whole = UsageWindow(start, start + timedelta(days=days))
    chunks = list(whole.chunks(max_days))
    assert [day for chunk in chunks for day in chunk.days] == list(whole.days)
    assert max(len(chunk.days) for chunk in chunks) <= max_days


@pytest.mark.parametrize("text", ["2026-1-5", "20260105", "2026-01-05T00:00", " 2026-01-05", "2026-W01-1"])
def test_p1_a_day_is_written_in_one_way(text):
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        parse_day(text)
