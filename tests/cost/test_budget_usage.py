"""What counts against a budget adds up exactly, and what has no price counts against money alone."""

from __future__ import annotations

from decimal import Decimal

from datacoves_usage_provider.cost.budget_usage import BudgetUsage, UsageRow, add_up
from datacoves_usage_provider.cost.budgets import Budget
from tests.cost.budgets import NOV_18

LARGE = UsageRow(
    "Datacoves", "a", "abc123", "airflow", "Worker Minutes", "Minutes", "", None, None, NOV_18, Decimal("9" * 19)
)
SMALL = LARGE._replace(amount=Decimal("0.000000000000000001"))


def test_usage_adds_up_to_the_last_decimal_within_an_environment_and_over_several():
    usage = BudgetUsage(Budget("all", {}, Decimal(1), "Minutes", ()), NOV_18, {NOV_18})
    add_up([usage], [LARGE, SMALL, SMALL._replace(sub_account_id="def456")])
    assert [daily[NOV_18] for daily in usage.movers.values()] == [
        Decimal("9999999999999999999.000000000000000001"),
        SMALL.amount,
    ]
    assert usage.history.known == {NOV_18: Decimal("9999999999999999999.000000000000000002")}


def test_usage_without_a_price_counts_against_money_and_not_against_a_unit():
    of_unit, of_money = (
        BudgetUsage(Budget("all", {}, Decimal(1), unit, ()), NOV_18, {NOV_18}) for unit in ("Minutes", "EUR")
    )
    add_up([of_unit, of_money], [LARGE._replace(unit=None, amount=None)])
    assert (of_unit.has_usage, of_money.has_usage, of_money.unpriced_rows) == (False, True, 1)
