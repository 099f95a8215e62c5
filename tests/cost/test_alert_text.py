"""The text of an alert: how much of what, how far the month is, what is missing, where it will end, who moved it."""

from __future__ import annotations

from datetime import date

import pytest

from tests.cost.budgets import NOV_18, back_from

pytestmark = pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
OCTOBER_AND_BEFORE = back_from(date(2026, 10, 31), 122)
NOVEMBER = back_from(NOV_18, 18)


@pytest.fixture
def tell(empty_books, caplog):
    """Load 140 days, check the budget, and return what the log says of it."""
    caplog.set_level("INFO")

    def check(as_of: date = NOV_18, amount: int = 60_000, **budget: object) -> str:
        empty_books.load(back_from(NOV_18))
        empty_books.budget("Datacoves production", amount, **budget)
        empty_books.check(as_of)
        (text,) = [message for message in caplog.messages if message.startswith("Datacoves production:")]
        return text

    return check


def test_the_whole_text(empty_books, tell):
    empty_books.use(OCTOBER_AND_BEFORE, 1000)
    empty_books.use(NOVEMBER, 1380)
    empty_books.use(back_from(NOV_18), 900, sub_account="def456")
    assert tell() == (
        "Datacoves production: 41,040 of 60,000 Minutes (68 %) after 18 of 30 days. "
        "Forecast 66,690 (62,842\N{EN DASH}70,538); passes 60,000 on 27 Nov. "
        "Most of the rise: environment abc123, +38 % on the same days of October."
    )


def test_a_month_whose_amount_is_passed_says_when(empty_books, tell):
    empty_books.use(back_from(NOV_18), 1000)
    assert tell(amount=5000).endswith("Forecast 30,000 (30,000\N{EN DASH}30,000); passed 5,000 on 6 Nov.")


def test_p16_an_amount_that_only_a_day_that_is_not_loaded_may_have_passed_is_not_called_passed(empty_books, caplog):
    caplog.set_level("INFO")
    days = back_from(NOV_18)[1:]
    empty_books.load(days)
    empty_books.use(days, 100)
    empty_books.budget("Datacoves production", 1750)
    empty_books.check()
    assert "1,700 of 1,750 Minutes (97 %) after 18 of 30 days. Not loaded: 18 Nov;" in caplog.text
    assert "probably passed 1,750 on 18 Nov." in caplog.text


def test_a_month_that_is_over_has_no_forecast_to_tell(empty_books, tell):
    empty_books.use(back_from(NOV_18), 100)
    text = tell(date(2026, 10, 31), 3000)
    assert text == "Datacoves production: 3,100 of 3,000 Minutes (103 %) after 31 of 31 days. Passed 3,000 on 31 Oct."


def test_little_history_and_the_first_five_holes_are_told(empty_books, caplog):
    caplog.set_level("INFO")
    days = NOVEMBER[:10]
    empty_books.load(days)
    empty_books.use(days, 100)
    empty_books.budget("Datacoves production", 60_000)
    empty_books.check()
    assert "Not loaded: 1 Nov, 2 Nov, 3 Nov, 4 Nov, 5 Nov and 3 more days; the forecast fills the gap." in caplog.text
    assert "Forecast 3,000 (too little history for a range)." in caplog.text
    assert "rise" not in caplog.text


def test_who_is_new_is_said_to_be(empty_books, tell):
    empty_books.use(back_from(NOV_18), 100)
    empty_books.use(NOVEMBER, 20, sub_account="new", sub_account_name="The new one")
    text = tell()
    assert text.endswith("Most of the rise: environment new (The new one), without any on the same days of October.")


@pytest.mark.parametrize(
    ("budget", "mover"),
    [
        ({"sub_account_id": "abc123"}, "service airflow"),
        ({"sub_account_id": "abc123", "service_name": "airflow"}, "resource r1 (Report 1)"),
    ],
)
def test_what_the_budget_leaves_open_tells_who_moves_it(empty_books, tell, budget, mover):
    empty_books.use(back_from(NOV_18), 100, resource_id="r1", resource_name="Report 1")
    empty_books.use(NOVEMBER, 50, resource_id="r1", sku_meter="Other Minutes", resource_name="Report 1")
    assert f"Most of the rise: {mover}, +50 % on" in tell(**budget)


def test_several_rises_of_which_none_is_half(empty_books, tell):
    for name in ("a", "b", "c"):
        empty_books.use(back_from(NOV_18), 100, sub_account=name)
        empty_books.use(NOVEMBER, 50 if name == "b" else 40, sub_account=name, service_name="airbyte")
    assert "The largest rise: environment b, +50 % on" in tell()


def test_usage_that_falls_has_no_rise(empty_books, tell):
    empty_books.use(OCTOBER_AND_BEFORE, 100, sub_account="a")
    empty_books.use(NOVEMBER, 50, sub_account="a")
    empty_books.use(NOVEMBER, 40, sub_account="b")
    assert "rise" not in tell()


def test_only_days_that_both_months_have_are_compared(empty_books, tell):
    empty_books.use(back_from(NOV_18), 100)
    empty_books.use([date(2026, 11, 9)], 5000, sub_account="x")
    empty_books.load(back_from(NOV_18))
    empty_books.database.query("DELETE FROM usage_load_log WHERE charge_period_start = '2026-10-09'")
    empty_books.budget("other", 1)
    assert "rise" not in empty_books.check()["alerts"][0]["text"]


def test_names_of_others_stay_in_one_line(empty_books, tell):
    empty_books.use(back_from(NOV_18), 100)
    empty_books.use(NOVEMBER, 100, sub_account="two\nlines")
    assert "environment two\\nlines" in tell()
