"""Usage that has no price, or none in the budget's currency, is not 0: neither in the month nor in what it will be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.cost.budgets import DAY, NOV_18, back_from

NOV_1, NOV_9 = date(2026, 11, 1), date(2026, 11, 9)


def check(books: Any, as_of: date = NOV_18) -> tuple[dict[str, Any], str]:
    """Return the status of the one budget, and the text of its alert, if there is one."""
    result = books.check(as_of)
    (status,) = result["budgets"]
    return status, "".join(alert["text"] for alert in result["alerts"][:1])


def test_p15_days_before_the_first_price_do_not_lower_the_forecast_and_no_rise_starts_from_them(books):
    books.rate(1, sku_price_effective_start=NOV_1)
    books.budget(amount=2700, unit="EUR", x_alert_rules="forecast:110")
    status, text = check(books, date(2026, 11, 7))
    assert (status["x_used"], status["x_forecast"], status["x_forecast_low"]) == ("700", "3000", None)
    assert "Forecast 3,000.00 (too little history for a range); passes 2,700.00 on 28 Nov." in text
    assert "rise" not in text


def test_p15_days_of_the_month_before_the_first_price_are_told_and_no_days_to_come_are_like_them(books):
    books.rate(1, sku_price_effective_start=NOV_9)
    books.budget(amount=1000, unit="EUR", x_alert_rules="used:100")
    status, text = check(books)
    assert (status["x_used"], status["x_forecast"]) == ("1000", "2200")
    assert (status["x_days_loaded"], status["x_days_missing"], status["x_unpriced_rows"]) == (18, 0, 8)
    assert "Without a price, and so not counted: 8 rows of usage. Forecast 2,200.00" in text


def test_p15_a_price_that_ended_leaves_the_forecast_of_what_it_was(books):
    books.rate(1, sku_price_effective_end=NOV_1)
    books.budget(amount=3000, unit="EUR")
    status, _ = check(books)
    assert (status["x_used"], status["x_forecast"], status["x_unpriced_rows"]) == (None, "1200", 18)


def test_p15_days_in_another_currency_are_not_zero(books):
    books.rate(1, billing_currency="USD", sku_price_effective_end=NOV_1)
    books.rate(2, sku_price_effective_start=NOV_1)
    books.budget(amount=9000, unit="EUR")
    status, _ = check(books)
    assert (status["x_used"], status["x_forecast"], status["x_unpriced_rows"]) == ("3600", "6000", 0)


def test_p15_a_meter_that_never_has_a_price_takes_no_day_away(books):
    books.rate(1)
    books.use(back_from(NOV_18), 5, meter=("Runs", "Runs"))
    books.budget(amount=9000, unit="EUR")
    status, _ = check(books)
    assert (status["x_forecast"], status["x_forecast_low"], status["x_unpriced_rows"]) == ("3000", "3000", 18)


def test_p15_a_day_that_only_one_of_two_services_has_a_price_for_is_not_the_cost_of_a_day(books):
    books.rate(1, service_name="airflow")
    books.rate(1, service_name="airbyte", sku_price_effective_start=NOV_9)
    books.use(back_from(NOV_18), 50, service_name="airbyte")
    books.budget(amount=9000, unit="EUR")
    status, _ = check(books)
    assert (status["x_used"], status["x_forecast"], status["x_unpriced_rows"]) == ("2300", "4100", 8)


def test_p15_environments_with_money_in_two_currencies_are_each_known(books):
    days = back_from(NOV_18)
    books.use(days, 1, sub_account="eur", effective_cost=3, billing_currency="EUR")
    books.use(days, 1, sub_account="usd", effective_cost=5, billing_currency="USD")
    books.database.query("DELETE FROM usage_daily WHERE effective_cost IS NULL")
    books.budget(amount=9000, unit="EUR")
    status, _ = check(books)
    assert (status["x_used"], status["x_forecast"]) == ("54", "90")


def test_p15_without_any_price_nothing_is_known_of_the_cost(books, caplog):
    caplog.set_level("INFO")
    books.budget(unit="EUR")
    status, _ = check(books)
    assert [status[name] for name in ("x_used", "x_forecast", "x_exceeds_on")] == [None, None, None]
    assert status["x_unpriced_rows"] == 18
    assert (
        "production: nothing is known of its 2,000.00 EUR after 18 of 30 days. Without a price, and so not counted: "
        "18 rows of usage. No forecast: fewer than 7 of the last 28 days are loaded and have a price."
    ) in caplog.messages


@pytest.mark.parametrize(
    "wrong", [{"sub_account_id": "abc124"}, {"sku_meter": "Worker Minute"}, {"unit": "Rows"}, {"service_name": "x"}]
)
def test_p16_a_budget_that_matches_nothing_on_loaded_days_is_no_data_and_not_zero(books, caplog, wrong):
    caplog.set_level("INFO")
    books.use([NOV_18 - DAY], 50, meter=("Unique Rows", "Rows"), x_is_additive=False)
    books.budget(**wrong)
    status, _ = check(books)
    assert [status[name] for name in ("x_used", "x_forecast", "x_exceeds_on")] == [None, None, None]
    assert (status["x_days_loaded"], status["x_days_missing"]) == (18, 0)
    assert "Budget 'production' matches no usage of the last 119 days. Are its names spelled as" in caplog.text
    (told,) = (message for message in caplog.messages if message.startswith("production: "))
    assert told.endswith("after 18 of 30 days. No forecast: no usage of the last 119 days matches the budget.")


def test_usage_that_begins_today_was_zero_before(books):
    books.use([NOV_18], 280, sub_account="new")
    books.budget(sub_account_id="new", amount=9000)
    status, _ = check(books)
    assert (status["x_used"], status["x_forecast"]) == ("280", str(280 + Decimal(280) / 4))


def test_a_mover_has_the_name_of_its_last_day(books):
    books.use(back_from(NOV_18, 9), 5, sub_account="n", sub_account_name="new name")
    books.use(back_from(NOV_18 - 9 * DAY, 90), 1, sub_account="n", sub_account_name="old name")
    books.budget(amount=1000)
    _, text = check(books)
    assert "environment n (new name)" in text
