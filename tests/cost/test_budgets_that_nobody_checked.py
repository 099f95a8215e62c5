"""Rows of ``usage_budget`` that came by another way than the CSV file, such as a dbt seed, and names that are wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from datacoves_usage_provider import UsageConfigError
from datacoves_usage_provider.cost.budgets import MATCHED, choose_budgets
from tests.cost.budgets import NOV_18


def test_every_budget_that_cannot_be_checked_is_in_the_error(books):
    books.budget("free", amount=0)
    books.budget("odd", x_alert_rules="used:80 forecasts:110")
    books.budget("twice", amount=100)
    books.budget("twice", amount=200)
    with pytest.raises(UsageConfigError) as error:
        books.check()
    for part in (
        "'free': x_amount must be above 0",
        "'odd': 'forecasts:110' is not an alert rule",
        "'twice': there are two",
    ):
        assert part in str(error.value)
    assert "\n" not in str(error.value)
    assert books.database.query("SELECT * FROM usage_budget_status") == []


def test_a_seed_whose_cells_are_empty_is_an_error_that_names_them():
    """The columns of a seed may be null, and those of the package's own table may not."""
    row = dict.fromkeys((*MATCHED, "x_effective_start", "x_effective_end", "x_alert_rules"))
    full = {**row, "x_budget_name": "full", "x_amount": Decimal(1), "x_unit": "Minutes"}
    rows = [full, {**full, "x_budget_name": "amount", "x_amount": None}]
    rows += [{**full, "x_budget_name": "unit", "x_unit": None}, {**full, "x_budget_name": None}]
    with pytest.raises(UsageConfigError) as error:
        choose_budgets(rows, date(2026, 11, 1), None)
    for part in ("'amount': x_amount must", "'unit': x_unit must", "None: x_budget_name must not be empty"):
        assert part in str(error.value)
    with pytest.raises(UsageConfigError, match="has no budget 'other'; it has: 'amount', 'full', 'unit'."):
        choose_budgets(rows, date(2026, 11, 1), ["other"])


def test_an_empty_name_of_a_budget_that_is_not_effective_does_not_stop_the_others():
    row = dict.fromkeys((*MATCHED, "x_effective_start", "x_effective_end", "x_alert_rules"))
    full = {**row, "x_budget_name": "full", "x_amount": Decimal(1), "x_unit": "Minutes"}
    over = {**full, "x_budget_name": None, "x_effective_end": date(2026, 1, 1)}
    named = {**over, "x_budget_name": "over"}
    budgets, warnings = choose_budgets([over, full, named], date(2026, 11, 1), None)
    assert ([budget.name for budget in budgets], warnings) == (["full"], [])


@pytest.mark.parametrize(
    "rule", ["used:", "used:0", "used:080", "used:10%", "used:-5", "used:80,", "USED:80", "used:²"]
)
def test_what_is_no_rule_is_an_error(books, rule):
    books.budget(x_alert_rules=f"forecast:110 {rule}")
    with pytest.raises(UsageConfigError, match="is not an alert rule: used:P or forecast:P"):
        books.check()


@pytest.mark.parametrize("rules", [None, "", "  "])
def test_no_rules_are_the_default_and_not_silence(books, rules):
    books.budget(amount=1800, x_alert_rules=rules)
    assert len(books.check()["alerts"]) == 3


def test_a_row_that_is_there_twice_is_one_budget(books):
    for _ in range(2):
        books.budget(amount=1800, x_alert_rules="used:100 used:100")
    checked = books.check()
    assert (len(checked["budgets"]), len(checked["alerts"])) == (1, 1)


def test_a_name_that_no_budget_has_is_an_error_that_lists_the_budgets(books):
    books.budget("a")
    with pytest.raises(UsageConfigError, match="usage_budget has no budget 'b', 'c'; it has: 'a'."):
        books.check(NOV_18, "c", "a", "b")


def test_of_many_budgets_that_error_lists_twenty(books):
    for number in range(30):
        books.budget(f"b{number:02}")
    with pytest.raises(UsageConfigError, match="it has: 'b00', 'b01', .+ 'b19', 10 more\\.$"):
        books.check(NOV_18, "other")


def test_no_budgets_are_no_error(books):
    assert books.check() == {"as_of": "2026-11-18", "budgets": [], "alerts": []}


def test_an_amount_beyond_all_usage_and_a_tiny_one(books):
    books.budget("large", amount="99999999999999999999" if books.database.dialect != "sqlite" else 2**62)
    books.budget("tiny", amount="0.000000000000000001")
    large, tiny = books.check()["budgets"]
    assert (large["x_exceeds_on"], tiny["x_exceeds_on"]) == (None, "2026-11-01")
