"""How a month stands against its budget, in sentences that a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

import pendulum

from datacoves_usage_provider.api.adverity import AdverityApi
from datacoves_usage_provider.api.b3os import B3osApi
from datacoves_usage_provider.api.datacoves_billing import DatacovesBillingApi
from datacoves_usage_provider.api.webcrawlerapi import WebCrawlerApi
from datacoves_usage_provider.columns import TEXT_LENGTH
from datacoves_usage_provider.cost.budget_status import BudgetStatus
from datacoves_usage_provider.cost.forecast import HISTORY_DAYS, get_month
from datacoves_usage_provider.cost.rises import Mover, Rise
from datacoves_usage_provider.text import count, shorten
from datacoves_usage_provider.window import ONE_DAY

_APIS = (AdverityApi, B3osApi, DatacovesBillingApi, WebCrawlerApi)
_SUB_ACCOUNT_NOUNS = {api.service_provider_name: api.sub_account_noun for api in _APIS}
_NOUNS = {"sub_account_id": "sub account", "service_name": "service", "resource_id": "resource"}
_MOST_DAYS = 5


def describe(status: BudgetStatus) -> str:
    """Return one line: how much of what, how far the month is, what is missing, the forecast, who moved it most."""
    return " ".join(_write_sentences(status))


def _write_sentences(status: BudgetStatus) -> Iterator[str]:
    yield f"{shorten(status.budget.name, TEXT_LENGTH)}: {_say_used(status)}."
    if missing := status.month.missing_days:
        filled = "" if status.month.forecast is None else "; the forecast fills the gap"
        yield f"Not loaded: {_list_days(missing)}{filled}."
    if rows := status.unpriced_rows:
        yield f"Without a price, and so not counted: {count(rows, 'row')} of usage."
    yield from _say_end(status)
    if status.rise is not None:
        yield f"{_say_rise(status.rise, status.name_of_mover, status.as_of)}."


def _say_used(status: BudgetStatus) -> str:
    budget, used = status.budget, status.month.used
    amount = f"{_show(budget.amount, status)} {shorten(budget.unit)}"
    days = f"{status.as_of.day} of {len(get_month(status.as_of).days)} days"
    if used is None:
        return f"nothing is known of its {amount} after {days}"
    percent = floor(Fraction(used) * 100 / Fraction(budget.amount))  # 100 % is what has been reached
    return f"{_show(used, status)} of {amount} ({percent:,} %) after {days}"


def _say_end(status: BudgetStatus) -> Iterator[str]:
    """Yield what is known of where the month ends, and of the day on which the amount is passed."""
    passed = _say_passed(status)
    if status.month.forecast is None:
        yield f"No forecast: {_say_what_lacks(status)}."
    elif status.month.loaded_days < len(get_month(status.as_of).days):
        forecast = _say_forecast(status, status.month.forecast)
        yield f"Forecast {forecast}; {passed}." if passed else f"Forecast {forecast}."
        return
    if passed:
        yield f"{passed[0].upper()}{passed[1:]}."


def _say_what_lacks(status: BudgetStatus) -> str:
    if not status.has_usage:
        return f"no usage of the last {HISTORY_DAYS} days matches the budget"
    needed = "loaded and have a price" if status.budget.is_of_money else "loaded"
    return f"fewer than 7 of the last 28 days are {needed}"


def _say_forecast(status: BudgetStatus, forecast: Decimal) -> str:
    low, high = status.month.low, status.month.high
    if low is None or high is None:
        return f"{_show(forecast, status)} (too little history for a range)"
    return f"{_show(forecast, status)} ({_show(low, status)}\N{EN DASH}{_show(high, status)})"


def _say_passed(status: BudgetStatus) -> str | None:
    day = status.exceeds_on
    if day is None:
        return None
    is_known = status.month.used is not None and status.month.used > status.budget.amount
    verb = "passes" if day > status.as_of else "passed" if is_known else "probably passed"  # on a day of the gap
    return f"{verb} {_show(status.budget.amount, status)} on {_format(day, 'D MMM')}"


def _say_rise(rise: Rise, name: str | None, as_of: date) -> str:
    lead = "Most of the rise" if rise.is_most else "The largest rise"
    days = "days" if rise.days == as_of.day else count(rise.days, "day")
    compared = f"on the same {days} of {_format(as_of.replace(day=1) - ONE_DAY, 'MMMM')}"
    if rise.before <= 0:
        return f"{lead}: {_name(rise.mover, name)}, without any {compared}"
    percent = round(Fraction(rise.used) * 100 / Fraction(rise.before)) - 100
    return f"{lead}: {_name(rise.mover, name)}, +{percent:,} % {compared}"


def _name(mover: Mover, name: str | None) -> str:
    if not mover.value:
        return f"account {shorten(mover.billing_account_id)}"
    noun = _NOUNS[mover.dimension]
    if mover.dimension == "sub_account_id":
        noun = _SUB_ACCOUNT_NOUNS.get(mover.service_provider_name, noun)
    shown = f"{noun} {shorten(mover.value)}"
    return shown if name in (None, "", mover.value) else f"{shown} ({shorten(name or '')})"


def _show(number: Decimal, status: BudgetStatus) -> str:
    """Money has cents. Of other numbers, large ones are rounded to whole ones, small ones to hundredths."""
    if status.budget.is_of_money:
        return f"{number:,.2f}"
    if number == number.to_integral_value() or abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:,.2f}"


def _list_days(days: tuple[date, ...]) -> str:
    shown = ", ".join(_format(day, "D MMM") for day in days[:_MOST_DAYS])
    return shown if len(days) <= _MOST_DAYS else f"{shown} and {count(len(days) - _MOST_DAYS, 'more day')}"


def _format(day: date, form: str) -> str:
    return pendulum.Date(day.year, day.month, day.day).format(form, locale="en")
