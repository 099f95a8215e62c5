"""Amounts of money have their cents however large they are, so that rows add up to their sum but for rounding."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from datacoves_usage_provider.report import html
from datacoves_usage_provider.report.period import make_page_period
from datacoves_usage_provider.report.reading import read_usage
from tests.report.conftest import TODAY
from tests.support.page_usage import DATACOVES

PERIOD = make_page_period(TODAY, 31)
LONG = "0.01231234567"


def find_amounts(table: str, unit: str = "&nbsp;USD") -> list[str]:
    plain = re.sub(r"<data [^>]*>|</data>", "", table)
    return re.findall(rf"([\d,.]+){unit}", plain)


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_rows_of_amounts_add_up_to_their_sum_beyond_100(warehouse, reader):
    warehouse.query(f"UPDATE usage_rate SET contracted_unit_price = {LONG}, x_fixed_cost = NULL")
    content = html.render_content(read_usage(reader, PERIOD, DATACOVES), PERIOD, None)
    tables = [find_amounts(table) for table in re.findall(r"<table.*?</table>", content, re.DOTALL)]
    *rows, sum_ = map(Decimal, (text.replace(",", "") for text in next(filter(None, tables))))
    assert sum_ > 100 > min(rows)
    assert abs(sum(rows) - sum_) <= Decimal("0.005") * (len(rows) + 1)
    assert {amount.as_tuple().exponent for amount in (*rows, sum_)} == {-2}
    (card,) = find_amounts(content, " <small>USD")
    assert card.replace(",", "") == str(sum_)


@pytest.mark.parametrize(
    ("amount", "places", "shown"),
    [
        ("190.4320875", 2, "190.43"),
        ("799.5000125", 2, "799.50"),
        ("1234.5650000", 3, "1,234.565"),
        ("0.1250000001", 2, "0.13"),
        ("-0.0000001", 2, "0.00"),
        ("98765432109876543210.123456789012345678", 2, "98,765,432,109,876,543,210.12"),
        ("7", 0, "7"),
        ("7", 2, "7.00"),
    ],
)
def test_an_amount_has_the_decimals_of_its_column(amount, places, shown):
    marked = html.mark_amount(Decimal(amount), places)
    assert re.sub("<[^>]*>", "", marked) == shown


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_budgets_of_money_have_cents_as_their_alerts_have(reader):
    readings = read_usage(reader, PERIOD, DATACOVES)
    (minutes,) = readings.budgets
    money = minutes._replace(name="Money", unit="EUR", amount=Decimal(800), used=Decimal("799.5000125"))
    estimated = {"forecast": Decimal("1234.5678"), "forecast_low": Decimal(900), "forecast_high": Decimal("1500.125")}
    budgets = [money._replace(**estimated), minutes]
    rows = find_rows(readings, budgets)
    assert rows["Money"] == "Money 799.50 800.00 EUR ~1,234.57 (900.00–1,500.12)"
    assert rows[minutes.name].startswith(f"{minutes.name} 24,123 30,000 minutes ~34,010 (31,000–36,000)")
    whole = dict.fromkeys(estimated)
    assert find_rows(readings, [money._replace(used=Decimal(547), **whole)])["Money"] == "Money 547 800 EUR –"


def find_rows(readings, budgets):
    """Return the texts of the rows up to the forecast, by the name of their budget."""
    content = html.render_content(replace(readings, budgets=budgets), PERIOD, None)
    table = content.partition("<h2>Budgets</h2>")[2]
    rows = re.findall(r'<tr>(<td class="name">.*?)<td class="date">', table, re.DOTALL)
    texts = [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in rows]
    return {budget.name: text for budget in budgets for text in texts if text.startswith(budget.name)}
