"""The sentences of an alert where they change: one row and two, a hole and no forecast, cents and whole numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pendulum
import pytest

from datacoves_usage_provider.cost.alert_text import describe
from datacoves_usage_provider.cost.budget_status import BudgetStatus
from datacoves_usage_provider.cost.budgets import Budget
from datacoves_usage_provider.cost.forecast import MonthForecast
from datacoves_usage_provider.cost.rises import Mover, Rise

NOV_18 = date(2026, 11, 18)
BUDGET = Budget("production", {}, Decimal(2000), "Minutes", ())
BESIDE: dict[str, Any] = {"has_usage": True, "unpriced_rows": 0, "rise": None, "name_of_mover": None}
MONTH = MonthForecast(Decimal(1000), Decimal(1500), None, None, 18, (), ())


def make_status(month: MonthForecast = MONTH, budget: Budget = BUDGET, **values: Any) -> BudgetStatus:
    return BudgetStatus(budget, NOV_18, month, **{**BESIDE, **values})


def make_holes(count: int) -> tuple[date, ...]:
    return tuple(date(2026, 11, number) for number in range(1, count + 1))


def test_a_name_is_whole_up_to_the_length_that_a_table_holds():
    name = "b" * 255
    assert describe(make_status(budget=replace(BUDGET, name=name))).startswith(f"{name}: ")


def test_a_hole_that_no_forecast_fills_is_told_alone():
    text = describe(make_status(replace(MONTH, forecast=None, missing_days=make_holes(2))))
    assert "Not loaded: 1 Nov, 2 Nov. No forecast:" in text


@pytest.mark.parametrize(("count", "more"), [(5, ""), (6, " and 1 more day"), (7, " and 2 more days")])
def test_five_holes_are_all_named_and_of_more_the_number_is_told(count, more):
    text = describe(make_status(replace(MONTH, missing_days=make_holes(count))))
    assert f"Not loaded: 1 Nov, 2 Nov, 3 Nov, 4 Nov, 5 Nov{more}; the forecast fills the gap." in text


@pytest.mark.parametrize(("rows", "told"), [(1, "1 row"), (2, "2 rows"), (1200, "1,200 rows")])
def test_rows_without_a_price_are_counted(rows, told):
    assert f"Without a price, and so not counted: {told} of usage." in describe(make_status(unpriced_rows=rows))


@pytest.mark.parametrize(("used", "told"), [("1999", "99 %"), ("2000", "100 %"), ("2019", "100 %")])
def test_100_percent_is_told_when_it_is_reached(used, told):
    assert f" ({told}) after" in describe(make_status(replace(MONTH, used=Decimal(used))))


@pytest.mark.parametrize(
    ("used", "told"), [("50", "50"), ("99.5", "99.50"), ("100.4", "100"), ("0.125", "0.12"), ("1234.5", "1,234")]
)
def test_a_small_number_of_units_has_hundredths_and_a_large_one_has_none(used, told):
    assert f": {told} of 2,000 Minutes" in describe(make_status(replace(MONTH, used=Decimal(used))))


def test_p16_an_amount_that_is_used_up_to_the_last_unit_is_not_called_passed():
    running = ((date(2026, 11, 17), Decimal(2000)), (NOV_18, Decimal(2100)))
    month = replace(MONTH, used=Decimal(2000), missing_days=(NOV_18,), running=running)
    assert "probably passed 2,000 on 18 Nov." in describe(make_status(month))


@pytest.mark.parametrize(
    ("before", "told"),
    [("0", "without any on the same days of October"), ("0.5", "+500 % on the same days of October")],
)
def test_a_rise_over_little_is_a_percentage_and_one_over_nothing_is_not(before, told):
    rise = Rise(Mover("service_name", "Datacoves", "a", "airflow"), Decimal(3), Decimal(before), days=18, is_most=False)
    assert describe(make_status(rise=rise)).endswith(f"The largest rise: service airflow, {told}.")


@pytest.mark.parametrize(("days", "told"), [(18, "the same days"), (17, "the same 17 days")])
def test_how_many_days_are_compared_is_told_if_not_all_are(days, told):
    rise = Rise(Mover("service_name", "Datacoves", "a", "airflow"), Decimal(3), Decimal(1), days, is_most=True)
    assert describe(make_status(rise=rise)).endswith(f"+200 % on {told} of October.")


@pytest.mark.parametrize("name", [None, "", "airflow"])
def test_a_mover_without_a_name_beside_its_id_is_named_once(name):
    rise = Rise(Mover("service_name", "Datacoves", "a", "airflow"), Decimal(3), Decimal(1), days=18, is_most=True)
    assert "Most of the rise: service airflow, +200 %" in describe(make_status(rise=rise, name_of_mover=name))


def test_months_have_the_same_names_whatever_language_a_dag_sets():
    pendulum.set_locale("de")
    try:
        assert "Not loaded: 1 Nov, 2 Nov;" in describe(make_status(replace(MONTH, missing_days=make_holes(2))))
    finally:
        pendulum.set_locale("en")
