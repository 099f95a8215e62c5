"""How a month stands against its budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from datacoves_usage_provider.cost.alert_rules import AlertRule
from datacoves_usage_provider.cost.budget_usage import BudgetUsage
from datacoves_usage_provider.cost.budgets import Budget
from datacoves_usage_provider.cost.forecast import MonthForecast
from datacoves_usage_provider.cost.rises import Rise, find_rise


@dataclass(frozen=True)
class BudgetStatus:
    """
    The month of ``as_of``, up to and including that day, against ``budget``.

    ``has_usage``: some usage matches, be it without a price. ``rise`` is None if usage did not rise; ``name_of_mover``
    is the name, beside the id, of what caused it, if any.
    """

    budget: Budget
    as_of: date
    month: MonthForecast
    has_usage: bool
    unpriced_rows: int
    rise: Rise | None
    name_of_mover: str | None

    @property
    def exceeds_on(self) -> date | None:
        return self.month.find_day_above(self.budget.amount)

    def find_fired(self) -> Mapping[AlertRule, Decimal]:
        """Return the rules that fire, with the value that fires each."""
        values = {rule: rule.find_value(self.month, self.budget.amount, self.as_of) for rule in self.budget.rules}
        return {rule: value for rule, value in values.items() if value is not None}

    def to_row(self) -> dict[str, Any]:
        """Return its values of the columns of ``usage_budget_status``, but for who wrote them and when."""
        month = self.month
        return {
            "x_budget_name": self.budget.name,
            "billing_period_start": self.as_of.replace(day=1),
            "x_as_of": self.as_of,
            "x_amount": self.budget.amount,
            "x_unit": self.budget.unit,
            "x_used": month.used,
            "x_forecast": month.forecast,
            "x_forecast_low": month.low,
            "x_forecast_high": month.high,
            "x_days_loaded": month.loaded_days,
            "x_days_missing": len(month.missing_days),
            "x_unpriced_rows": self.unpriced_rows,
            "x_exceeds_on": self.exceeds_on,
        }


def make_status(usage: BudgetUsage) -> BudgetStatus:
    history = usage.history
    rise = find_rise(usage.movers, usage.as_of, history.complete)
    return BudgetStatus(
        usage.budget,
        usage.as_of,
        history.forecast_month(),
        usage.has_usage,
        usage.unpriced_rows,
        rise,
        None if rise is None else usage.get_name(rise.mover),
    )
