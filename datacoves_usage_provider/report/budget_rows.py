"""The budgets of a month: those of which the largest part is used or forecast, and how many others there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from datacoves_usage_provider.report.comparison import find_share
from datacoves_usage_provider.report.money import find_places
from datacoves_usage_provider.report.numbers import round_to, show, show_rounded
from datacoves_usage_provider.report.readings import BudgetCheck

MOST_BUDGETS = 50
_CENTS = 2


class BudgetRows(NamedTuple):
    """
    ``checks`` by name, and the count of the ``others``.

    ``places`` are the decimals of those that are of money; ``as_of`` is the last day that a check of the month knew.
    """

    checks: Sequence[BudgetCheck]
    others: int
    places: int
    as_of: date | None


def make_budget_rows(budgets: Sequence[BudgetCheck]) -> BudgetRows:
    largest = sorted(budgets, key=lambda check: (-_find_part(check), check.name))[:MOST_BUDGETS]
    checks = sorted(largest, key=lambda check: check.name)
    amounts = [(check.unit, amount) for check in checks if check.is_of_money for amount in _list_amounts(check)]
    as_of = max((check.as_of for check in budgets), default=None)
    return BudgetRows(checks, len(budgets) - len(checks), find_places([amounts]), as_of)


def _find_part(check: BudgetCheck) -> Decimal:
    return find_share(max(check.used or Decimal(0), check.forecast or Decimal(0)), check.amount)


def _list_amounts(check: BudgetCheck) -> Iterator[Decimal]:
    yield from (amount for amount in (check.amount, check.used) if amount is not None)
    forecasts = check.forecast, check.forecast_low, check.forecast_high
    yield from (round_to(forecast, _CENTS) for forecast in forecasts if forecast is not None)


def show_forecast(forecast: Decimal, check: BudgetCheck, places: int) -> str:
    """Return an estimate of the budget ``check``, rounded; money has at most its cents, and ``places`` if fewer."""
    if not check.is_of_money:
        return show_rounded(forecast)
    return show(round_to(forecast, _CENTS), min(places, _CENTS))
