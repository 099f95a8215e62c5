"""P2: the day before the anchor, whatever the run. That real runs have these anchors is shown in tests/real_runs."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace

import pendulum
import pytest

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.period import get_last_complete_day, get_period

NOW = datetime(2026, 11, 22, 6, 15, tzinfo=timezone.utc)


def at(text: str, offset_hours: float = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone(timedelta(hours=offset_hours)))


def days(run: SimpleNamespace, period: str = "day") -> str:
    window = get_period(run, period, NOW)
    return f"{window.start}..{window.end}"


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ({"data_interval_end": at("2026-11-05")}, "2026-11-04..2026-11-05"),
        ({"data_interval_end": at("2026-11-05T06:15")}, "2026-11-04..2026-11-05"),
        ({"data_interval_end": at("2026-11-05T23:59:59")}, "2026-11-04..2026-11-05"),
        ({"data_interval_end": at("2026-11-05T01:00", offset_hours=2)}, "2026-11-03..2026-11-04"),
        ({"data_interval_end": at("2026-11-05"), "run_after": at("2026-11-09")}, "2026-11-04..2026-11-05"),
        ({"data_interval_end": None, "run_after": at("2026-11-09T10:00")}, "2026-11-08..2026-11-09"),
        ({}, "2026-11-21..2026-11-22"),
        ({"run_after": at("2026-01-01T03:00")}, "2025-12-31..2026-01-01"),
        ({"logical_date": at("2020-01-01"), "data_interval_start": at("2020-01-01")}, "2026-11-21..2026-11-22"),
        ({"partition_date": at("2026-11-20")}, "2026-11-20..2026-11-21"),
        ({"partition_date": at("2026-11-20"), "data_interval_end": at("2026-11-05")}, "2026-11-20..2026-11-21"),
        ({"partition_date": at("2026-11-21T00:30", offset_hours=1)}, "2026-11-20..2026-11-21"),
        ({"partition_key": "2026-11-20"}, "2026-11-20..2026-11-21"),
        ({"partition_key": "2026-11-20T00:00:00"}, "2026-11-20..2026-11-21"),
        ({"partition_key": "2026-11", "partition_date": at("2026-11-20")}, "2026-11-20..2026-11-21"),
        ({"partition_key": "emea", "run_after": at("2026-11-09")}, "2026-11-08..2026-11-09"),
    ],
)
def test_p2_the_day(run, expected):
    assert days(SimpleNamespace(**run)) == expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ({"data_interval_end": at("2026-11-03T04:00")}, "2026-10-01..2026-11-01"),
        ({"data_interval_end": at("2026-11-01")}, "2026-10-01..2026-11-01"),
        ({"data_interval_end": at("2026-10-31T23:59")}, "2026-09-01..2026-10-01"),
        ({"run_after": at("2026-01-03")}, "2025-12-01..2026-01-01"),
        ({"run_after": at("2024-03-31")}, "2024-02-01..2024-03-01"),
        ({}, "2026-10-01..2026-11-01"),
        ({"partition_date": at("2026-10-01")}, "2026-10-01..2026-11-01"),
        ({"partition_key": "2026-02-14"}, "2026-02-01..2026-03-01"),
        ({"partition_key": "2026-03"}, "2026-03-01..2026-04-01"),
        ({"partition_key": "2026-03|emea"}, "2026-03-01..2026-04-01"),
        ({"partition_key": "2026-03", "partition_date": at("2026-02-03")}, "2026-02-01..2026-03-01"),
        ({"partition_key": "2026-13"}, "2026-10-01..2026-11-01"),
        ({"partition_key": "2026-031"}, "2026-10-01..2026-11-01"),
    ],
)
def test_p2_the_month(run, expected):
    assert days(SimpleNamespace(**run), "month") == expected


@pytest.mark.parametrize(
    ("run", "period"),
    [
        ({"partition_date": at("2026-11-22")}, "day"),
        ({"partition_key": "2026-11-23"}, "day"),
        ({"partition_date": at("2026-11-01")}, "month"),
        ({"partition_key": "2026-11"}, "month"),
    ],
)
def test_p2_a_partition_that_is_not_over_is_an_error(run, period):
    with pytest.raises(UsageConfigError, match="run_offset=-1"):
        get_period(SimpleNamespace(**run), period, NOW)


def test_p2_a_month_has_no_day_to_collect():
    run = SimpleNamespace(partition_key="2026-03", run_after=at("2026-11-09"))
    with pytest.raises(UsageConfigError, match="partition '2026-03' is a month.* Make the partition keys days"):
        get_period(run, "day", NOW)


def test_p2_a_partition_is_over_at_midnight():
    run = SimpleNamespace(partition_date=at("2026-11-21"))
    assert get_period(run, "day", at("2026-11-22")).start == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("anchor", "last"),
    [("2026-11-20T06:15", "2026-11-19"), ("2026-11-22T06:15", "2026-11-21"), ("2026-11-30T00:00", "2026-11-21")],
)
def test_p2_a_run_knows_the_day_before_its_anchor_but_none_that_is_not_over(anchor, last):
    run = SimpleNamespace(data_interval_end=at(anchor))
    assert get_last_complete_day(run, NOW) == date.fromisoformat(last)


@pytest.fixture
def far_west(monkeypatch):
    """A machine whose clock is 12 hours behind UTC."""
    monkeypatch.setenv("TZ", "Etc/GMT+12")
    time.tzset()
    with pendulum.test_local_timezone(pendulum.timezone("Etc/GMT+12")):  # it may have looked at TZ before
        yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_west")
@pytest.mark.parametrize(
    "run", [{}, {"data_interval_end": at("2026-11-22T01:00")}, {"partition_date": at("2026-11-21T01:00")}]
)
def test_p2_the_day_does_not_depend_on_the_zone_of_the_machine(run):
    assert days(SimpleNamespace(**run)) == "2026-11-21..2026-11-22"
