"""The pseudo-random usage: the same everywhere, and exact to the credit."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from datacoves_usage_provider.simulator import WebCrawlerApi

DAY = date(2026, 3, 2)
YEAR = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]


def test_it_is_the_same_in_every_process_and_on_every_machine(api):
    days = [date(2026, 3, day) for day in (4, 5, 6, 7)]
    assert [api.usage(day) for day in days] == [(9, 814_221), (3146, 6_871_206), (0, 0), (189, 1_261_762)]


def test_a_million_credits_are_a_dollar(api):
    api.restate(DAY, 1, 1_230_207)
    assert api.usage(DAY).cost == api.cost(DAY) == Decimal("1.230207")


@pytest.mark.parametrize(
    ("credit_count", "text"),
    [(0, "0.0"), (1, "0.000001"), (100_000, "0.1"), (2_000_000, "2"), (12345678901234567890, "12345678901234.56789")],
)
def test_costs_are_written_digit_by_digit(get, api, credit_count, text):
    api.restate(DAY, 1, credit_count)
    assert get(str(DAY), str(DAY), include_daily=1).text == (
        f'{{"from":"{DAY}","to":"{DAY}","org_id":"{api.org_id}","cost_usd":{text},"requests":1,'
        f'"data":[{{"date":"{DAY}","cost_usd":{text},"requests":1}}]}}'
    )


def test_some_days_have_none_and_costs_are_no_whole_cents(api):
    found = [api.usage(day) for day in YEAR]
    assert 20 < found.count((0, 0)) < 90
    assert all((usage.requests == 0) == (usage.credits == 0) for usage in found)
    assert sum(usage.credits % 10_000 != 0 for usage in found) > 250


def test_nothing_before_2024_and_nothing_after_today(api):
    for day in (date(2023, 12, 31), date(2026, 3, 16), date(9999, 12, 31)):
        assert api.usage(day) == (0, 0)


def test_the_running_day_grows_until_midnight():
    def usage_at(hour, day=2):
        return WebCrawlerApi(now=lambda: datetime(2026, 3, day, hour, tzinfo=timezone.utc)).usage(DAY)

    whole = usage_at(0, day=3)
    assert usage_at(0) == (0, 0)
    assert usage_at(12) == (whole.requests // 2, whole.credits // 2)


def test_the_total_is_that_of_the_days_and_its_end_is_exclusive(api):
    found = [api.usage(day) for day in YEAR[:31]]
    assert api.total(YEAR[0], YEAR[31]) == (sum(u.requests for u in found), sum(u.credits for u in found))
    assert api.total(DAY, DAY) == (0, 0)


def test_restating_one_day_leaves_the_others(api):
    before = [api.usage(day) for day in YEAR]
    api.restate(YEAR[7], 1, 2)
    assert [number for number, day in enumerate(YEAR) if api.usage(day) != before[number]] == [7]
    assert WebCrawlerApi(now=api.now).usage(YEAR[7]) == before[7]
