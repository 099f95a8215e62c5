"""The forecast of a month: what it is made of, and what it does not guess."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoves_usage_provider.cost.forecast import HISTORY_DAYS, UsageHistory
from tests.cost.plain_forecast import NAMES, forecast_plainly

DAY = timedelta(days=1)
NOV_18 = date(2026, 11, 18)


def make_days(last: date, count: int) -> list[date]:
    return [last - DAY * number for number in range(count)]


def make_history(as_of: date, count: int, amount: int = 100) -> UsageHistory:
    """Every one of ``count`` days loaded, each with the same amount."""
    days = make_days(as_of, count)
    return UsageHistory(as_of, frozenset(days), dict.fromkeys(days, Decimal(amount)))


@st.composite
def histories(draw: st.DrawFn) -> UsageHistory:
    as_of = date(2025, 12, 1) + DAY * draw(st.integers(0, 430))
    days = make_days(as_of, draw(st.integers(0, HISTORY_DAYS + 5)))
    amounts = st.decimals(0, 5000, places=2) | st.just(Decimal(0))
    known = {day: draw(amounts) for day in days if draw(st.integers(0, 9))}
    holes = draw(st.sets(st.sampled_from(days), max_size=draw(st.sampled_from([0, 0, 2, 40])))) if days else set()
    unpriced = draw(st.sets(st.sampled_from(days), max_size=draw(st.sampled_from([0, 0, 2, 40])))) if days else set()
    return UsageHistory(as_of, frozenset(days) - holes, known, unpriced)


@given(histories())
def test_p16_forecast_and_range_are_what_plain_code_says(history):
    month = history.forecast_month()
    expected = forecast_plainly(history.as_of, history.loaded, history.known, history.loaded - history.unpriced)
    found = {name: getattr(month, name) for name in NAMES}
    assert found | {"used": found["used"] or Decimal(0)} == expected


@given(histories(), st.decimals(0, 100_000, places=2))
def test_the_running_sum_ends_with_the_forecast_and_first_passes_an_amount_on_its_day(history, amount):
    month = history.forecast_month()
    days = [day for day, _ in month.running]
    assert days == [history.as_of.replace(day=1) + DAY * number for number in range(len(days))]
    if month.forecast is not None:
        assert month.running[-1][1] == month.forecast
    else:
        assert all(day in history.loaded for day in days)
    above = [day for day, used in month.running if used > amount]
    assert month.find_day_above(amount) == (above[0] if above else None)


def test_each_day_to_come_has_the_mean_of_its_weekday():
    days = make_days(NOV_18, 28)
    known = {day: Decimal(day.isoweekday() * 10) for day in days}  # Monday 10 … Sunday 70
    known[date(2026, 11, 13)] += 8  # one of four Fridays
    month = UsageHistory(NOV_18, frozenset(days), known).forecast_month()
    to_come = [40, 52, 60, 70, 10, 20, 30, 40, 52, 60, 70, 10]  # from Thursday the 19th to Monday the 30th
    assert month.forecast == month.used + sum(to_come)
    assert month.find_day_above(month.used + 40 + 52) == date(2026, 11, 21)


def test_p16_a_hole_is_filled_by_the_forecast_and_told_and_what_is_known_of_it_counts_if_it_is_more():
    whole = make_history(NOV_18, 140)
    hole = date(2026, 11, 9)
    for known, expected in ((0, 100), (70, 100), (250, 250)):
        month = UsageHistory(NOV_18, whole.loaded - {hole}, {**whole.known, hole: Decimal(known)}).forecast_month()
        assert (month.used, month.forecast) == (1700 + known, 2900 + expected)
        assert (month.loaded_days, month.missing_days) == (17, (hole,))


def test_a_weekday_of_which_none_is_loaded_has_the_mean_of_all_days():
    days = [day for day in make_days(NOV_18, 28) if day.isoweekday() != 7]
    known = {day: Decimal(600 if day.isoweekday() == 1 else 0) for day in days}  # 4 Mondays of 24 days: 100 on average
    month = UsageHistory(NOV_18, frozenset(days), known).forecast_month()
    sundays_of_november, mondays_to_come = 5, 2
    assert month.forecast == month.used + 100 * sundays_of_november + 600 * mondays_to_come


@pytest.mark.parametrize(("count", "forecast"), [(6, None), (7, 3000 - 1100)])
def test_p16_no_forecast_of_fewer_than_seven_days(count, forecast):
    history = make_history(NOV_18, count)
    month = history.forecast_month()
    assert month.used == 100 * count
    assert month.forecast == (None if forecast is None else 3000)
    assert (month.low, month.high) == (None, None)


def test_p16_without_a_forecast_nothing_is_said_beyond_the_first_hole():
    days = [date(2026, 11, number) for number in (1, 2, 4)]
    known = dict.fromkeys(days, Decimal(100))
    month = UsageHistory(date(2026, 11, 4), frozenset(days), known).forecast_month()
    assert month.find_day_above(Decimal(150)) == date(2026, 11, 2)
    assert month.find_day_above(Decimal(250)) is None


def test_p16_nothing_known_of_the_month_is_not_zero():
    october = make_days(date(2026, 10, 31), 28)
    known = dict.fromkeys(october, Decimal(100))
    month = UsageHistory(date(2026, 11, 3), frozenset(october), known).forecast_month()
    assert (month.used, month.forecast) == (None, 3000)
    assert UsageHistory(date(2026, 11, 3), {date(2026, 11, 2)}, {}).forecast_month().used == 0


def test_the_range_needs_four_past_forecasts():
    # 12 days are to come: the nearest that were forecast like that, and have come, were so 2 weeks ago.
    assert make_history(NOV_18, 28 + 5 * 7 - 1).forecast_month().low is None
    month = make_history(NOV_18, 28 + 5 * 7).forecast_month()
    assert (month.low, month.forecast, month.high) == (3000, 3000, 3000)


def test_past_forecasts_of_nothing_tell_no_error_and_those_of_little_do():
    nothing = make_history(NOV_18, HISTORY_DAYS, 0).forecast_month()
    assert (nothing.forecast, nothing.low) == (0, None)
    days = make_days(NOV_18, HISTORY_DAYS)
    little = UsageHistory(NOV_18, frozenset(days), dict.fromkeys(days, Decimal("0.001"))).forecast_month()
    assert little.low == little.forecast == Decimal("0.03")


def test_the_range_is_four_of_five_past_errors_and_never_below_what_is_used():
    history = make_history(NOV_18, HISTORY_DAYS)
    wild = {day: amount * (9 if day.toordinal() % 9 == 0 else 1) for day, amount in history.known.items()}
    month = UsageHistory(NOV_18, history.loaded, wild).forecast_month()
    assert month.used < month.low < month.forecast < month.high
    bursts = {day: Decimal(1000 if (NOV_18 - day).days // 7 % 5 == 4 else 1) for day in history.loaded}
    burst = UsageHistory(NOV_18, history.loaded, bursts).forecast_month()  # most forecasts were off by more than 100 %
    assert burst.low == burst.used < burst.forecast


def test_a_month_that_is_over_is_its_own_range():
    month = make_history(date(2026, 11, 30), 40).forecast_month()
    assert (month.used, month.low, month.forecast, month.high) == (3000, 3000, 3000, 3000)


def test_computed_numbers_are_rounded_once_half_even_to_18_places():
    days = make_days(date(2026, 11, 29), 28)
    known = dict.fromkeys(days, Decimal(0))
    monday = [day for day in days if day.isoweekday() == 1]
    known[monday[0]] = Decimal("0.000000000000000002")  # of four: half of the last place
    assert UsageHistory(date(2026, 11, 29), frozenset(days), known).forecast_month().forecast % 1 == Decimal("2e-18")
    known[monday[0]] = Decimal("0.000000000000000006")  # one and a half, which is 2 in even
    assert UsageHistory(date(2026, 11, 29), frozenset(days), known).forecast_month().forecast % 1 == Decimal("8e-18")


def test_the_largest_number_of_a_table_keeps_its_last_decimal():
    number = Decimal(f"{'9' * 20}.{'0' * 17}1")
    assert UsageHistory(NOV_18, {NOV_18}, {NOV_18: number}).forecast_month().used == number
