"""The pseudo-random usage: the same everywhere, and like that of a real project."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from datacoves_usage_provider.simulator import DatacovesBilling
from datacoves_usage_provider.simulator.datacoves_usage import SERVICES

DAY = date(2026, 3, 2)
YEAR = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]


def minutes_of_year(api, service):
    return [api.minutes(environment, service, day) for environment in api.environments for day in YEAR]


def test_it_is_the_same_in_every_process_and_on_every_machine(api):
    days = [DAY + timedelta(days=number) for number in range(6)]
    assert {service: [api.minutes("abc123", service, day) for day in days] for service in SERVICES} == {
        "airflow": [1049, 960, 1005, 917, 907, 436],
        "airbyte": [None, 210, 235, 216, None, 129],
        "unknown": [None, None, None, None, None, 4],
    }


def test_airflow_runs_every_day_and_less_on_weekends(api):
    minutes = {day: api.minutes("abc123", "airflow", day) for day in YEAR}
    assert all(minutes.values())
    weekend = [minutes[day] for day in YEAR if day.weekday() >= 5]
    assert max(weekend) < min(minutes[day] for day in YEAR if day.weekday() < 5)
    assert len(set(minutes.values())) > 50


def test_airbyte_lacks_some_days_and_has_zeros(api):
    minutes = minutes_of_year(api, "airbyte")
    assert 60 < minutes.count(None) < 160
    assert 60 < minutes.count(0) < 160


def test_unknown_is_rare_and_small(api):
    minutes = minutes_of_year(api, "unknown")
    assert 60 < len(minutes) - minutes.count(None) < 160
    assert {number for number in minutes if number is not None} == set(range(1, 10))


def test_environments_differ(api):
    assert len({api.total(name, "airflow", YEAR[0], YEAR[-1]) for name in api.environments}) == len(api.environments)


@pytest.mark.parametrize("service", ["airflow", "airbyte", "unknown"])
def test_nothing_before_2024_and_nothing_after_today(api, service):
    for day in (date(2023, 12, 31), date(2026, 3, 16), date(2030, 1, 1)):
        assert api.minutes("abc123", service, day) is None
    assert api.minutes("abc123", "airflow", date(2024, 1, 1)) is not None


def test_the_running_day_grows_until_midnight():
    def minutes_at(hour, day=2):
        now = datetime(2026, 3, day, hour, tzinfo=timezone.utc)
        return DatacovesBilling(now=lambda: now).minutes("abc123", "airflow", DAY)

    whole = minutes_at(0, day=3)
    assert [minutes_at(hour) for hour in (0, 6, 12, 18)] == [0, whole // 4, whole // 2, whole * 3 // 4]


def test_the_clock_is_that_of_utc():
    api = DatacovesBilling()
    assert abs(api.now() - datetime.now(timezone.utc)) < timedelta(seconds=5)
    assert api.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize("minutes", [0, 77, None])
def test_a_restated_day_is_what_the_api_reports(get, api, minutes):
    api.restate("abc123", "airflow", DAY, minutes)
    assert api.minutes("abc123", "airflow", DAY) == minutes
    rows = get("/abc123/", start_date=str(DAY), end_date=str(DAY), service="airflow").json()
    assert [row["amount_minutes"] for row in rows] == ([] if minutes is None else [minutes])


def test_restating_one_day_leaves_the_others(api):
    before = [api.minutes("abc123", "airflow", day) for day in YEAR]
    api.restate("abc123", "airflow", YEAR[7], 1)
    after = [api.minutes("abc123", "airflow", day) for day in YEAR]
    assert [number for number in range(365) if before[number] != after[number]] == [7]
    assert DatacovesBilling().minutes("abc123", "airflow", YEAR[7]) == before[7]


def test_the_total_is_that_of_the_response_and_its_end_is_exclusive(get, api):
    rows = get("/my-env/", start_date="2026-02-01", end_date="2026-02-28", service="airbyte").json()
    total = api.total("my-env", "airbyte", date(2026, 2, 1), date(2026, 3, 1))
    assert total == sum(row["amount_minutes"] for row in rows) > 0
    assert api.total("my-env", "airflow", DAY, DAY + timedelta(days=1)) == api.minutes("my-env", "airflow", DAY)
    assert api.total("my-env", "airflow", DAY, DAY) == 0
