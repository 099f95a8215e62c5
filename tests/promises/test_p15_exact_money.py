"""P15: a price counts from its day, a cost is quantity times price, and what has no price is null and not 0."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from tests.support.costs import Rate, Used, prepare, write

NOV_1, NOV_2, NOV_3, DEC_1 = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3), date(2026, 12, 1)
CENT = Decimal("0.01")


@pytest.fixture
def ask(warehouse):
    """Write rows and rates, and return what ``sql`` selects as text, numbers in plain notation."""
    prepare(warehouse)

    def run(rows: list[Used], rates: list[Rate], sql: str) -> list[tuple[Any, ...]]:
        write(warehouse, rows, rates)
        return [tuple(_plain(value) for value in row) for row in warehouse.query(sql)]

    return run


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):  # SQLite has no decimals, and fakesnow adds them up as doubles
        value = round(value, 12)
    return str(value) if isinstance(value, date) else f"{Decimal(str(value)).normalize():f}"


SOURCES = "SELECT charge_period_start, effective_cost, x_cost_source FROM usage_cost_daily ORDER BY charge_period_start"


def test_p15_a_price_counts_from_its_first_day_and_no_longer_than_the_day_before_its_end(ask):
    rows = [Used(day, Decimal(120)) for day in (NOV_1, NOV_2, NOV_3)]
    rates = [Rate(CENT, NOV_1, NOV_2), Rate(Decimal("0.02"), NOV_2, NOV_3)]
    assert ask(rows, rates, SOURCES) == [
        ("2026-11-01", "1.2", "rate"),
        ("2026-11-02", "2.4", "rate"),
        ("2026-11-03", None, "unpriced"),
    ]


def test_p15_an_account_by_name_comes_before_a_service_by_name_and_both_before_none(ask):
    rows = [Used(NOV_1, Decimal(1), account, service) for account in "ab" for service in ("airflow", "airbyte")]
    rates = [
        Rate(Decimal(1)),
        Rate(Decimal(2), service_name="airflow"),
        Rate(Decimal(3), billing_account_id="a"),
        Rate(Decimal(4), billing_account_id="a", service_name="airbyte"),
    ]
    sql = "SELECT billing_account_id, service_name, effective_cost FROM usage_cost_daily ORDER BY 1, 2"
    assert ask(rows, rates, sql) == [
        ("a", "airbyte", "4"),
        ("a", "airflow", "3"),
        ("b", "airbyte", "1"),
        ("b", "airflow", "2"),
    ]


def test_p15_the_vendors_own_money_comes_before_a_rate_and_zero_is_money(ask):
    rows = [
        Used(NOV_1, Decimal(10), effective_cost=Decimal("1.25"), billing_currency="USD"),
        Used(NOV_2, Decimal(10), effective_cost=Decimal(0), billing_currency="USD"),
        Used(NOV_3, Decimal(10)),
    ]
    sql = (
        "SELECT effective_cost, billing_currency, x_cost_source, contracted_unit_price, x_pricing_quantity "
        "FROM usage_cost_daily ORDER BY charge_period_start"
    )
    assert ask(rows, [Rate(Decimal(1))], sql) == [
        ("1.25", "USD", "vendor", None, None),
        ("0", "USD", "vendor", None, None),
        ("10", "EUR", "rate", "1", "1"),
    ]


def test_p15_what_has_no_price_is_null_and_counted_beside_the_sums(ask):
    rows = [
        Used(NOV_1, Decimal(10)),
        Used(NOV_2, Decimal(5)),
        Used(NOV_3, Decimal(7), x_is_additive=False, sku_meter="Unique Rows"),
    ]
    rates = [Rate(CENT, NOV_2), Rate(CENT, sku_meter="Unique Rows")]
    assert ask(rows, rates, SOURCES) == [
        ("2026-11-01", None, "unpriced"),
        ("2026-11-02", "0.05", "rate"),
        ("2026-11-03", None, "unpriced"),
    ]
    sql = (
        "SELECT billing_currency, consumed_quantity, effective_cost, x_unpriced_rows, x_days "
        "FROM usage_cost_monthly ORDER BY consumed_quantity"
    )
    assert ask(rows, rates, sql) == [("EUR", "5", "0.05", "0", "1"), (None, "10", None, "1", "1")]


@pytest.mark.parametrize("wrong", [{"pricing_unit": "Hours"}, {"sku_meter": "Runs"}, {"service_provider_name": "B3OS"}])
def test_p15_a_price_is_for_its_own_provider_meter_and_unit(wrong, ask):
    assert ask([Used(NOV_1, Decimal(10))], [Rate(CENT, **wrong)], SOURCES) == [("2026-11-01", None, "unpriced")]


def test_p15_whole_numbers_are_divided_into_fractions(ask):
    rate = Rate(Decimal(5), x_pricing_quantity=Decimal(1000))
    assert ask([Used(NOV_1, Decimal(120))], [rate], SOURCES) == [("2026-11-01", "0.6", "rate")]


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p15_no_decimal_is_lost(ask, warehouse):
    quantity, price = Decimal("99999999.123456789012345678"), Decimal("0.000000000000000001")
    ask([Used(NOV_1, quantity)], [Rate(price, x_pricing_quantity=Decimal(1_000_000))], SOURCES)
    for view in ("usage_cost_daily", "usage_cost_monthly"):
        ((cost,),) = warehouse.query(f"SELECT effective_cost FROM {view}")
        assert cost == Decimal("99999999.123456789012345678e-24")


def test_p15_a_rate_that_is_for_an_odd_number_of_units_prices_nothing(ask):
    for odd in (Decimal(0), Decimal(3), Decimal("0.5")):
        rate = Rate(Decimal(5), x_pricing_quantity=odd)
        assert ask([Used(NOV_1, Decimal(120))], [rate], SOURCES) == [("2026-11-01", None, "unpriced")]


def test_p15_rates_that_nobody_checked_double_and_drop_nothing(ask):
    rows = [Used(day, Decimal(100)) for day in (NOV_1, NOV_2, NOV_3, DEC_1)]
    month = {"sku_price_effective_end": DEC_1, "x_included_quantity": Decimal(30), "x_fixed_cost": Decimal(9)}
    twice = Rate(CENT, NOV_1, billing_account_id="a", **month)
    overlapping = Rate(Decimal("0.02"), NOV_3, billing_account_id="a", sku_price_effective_end=DEC_1)
    assert ask(rows, [twice, twice, overlapping], SOURCES) == [
        ("2026-11-01", "1", "rate"),
        ("2026-11-02", "1", "rate"),
        ("2026-11-03", "2", "rate"),
        ("2026-12-01", None, "unpriced"),
    ]
    sql = (
        "SELECT x_line, billing_period_start, consumed_quantity, effective_cost FROM usage_cost_monthly "
        "ORDER BY billing_period_start, x_line"
    )
    assert ask(rows, [twice, twice, overlapping], sql) == [
        ("fixed", "2026-11-01", None, "9"),
        ("included", "2026-11-01", "-30", "-0.3"),
        ("usage", "2026-11-01", "300", "4"),
        ("usage", "2026-12-01", "100", None),
    ]


LINES = (
    "SELECT x_line, billing_account_id, service_name, sub_account_id, sku_meter, billing_period_start, "
    "consumed_quantity, effective_cost FROM usage_cost_monthly WHERE x_line <> 'usage' ORDER BY 1, 2, 3, 6"
)


def test_p15_included_units_are_taken_off_once_a_month_for_each_account(ask):
    rows = [
        *(Used(day, Decimal(60), account) for account in "ab" for day in (NOV_1, NOV_2)),
        Used(NOV_2, Decimal(60), "a", sub_account_id="another"),
        Used(DEC_1, Decimal(7)),
    ]
    rate = Rate(CENT, x_included_quantity=Decimal(150), x_pricing_quantity=Decimal(10))
    assert ask(rows, [rate], LINES) == [
        ("included", "a", "*", "", "Worker Minutes", "2026-11-01", "-150", "-0.15"),
        ("included", "a", "*", "", "Worker Minutes", "2026-12-01", "-7", "-0.007"),
        ("included", "b", "*", "", "Worker Minutes", "2026-11-01", "-120", "-0.12"),
    ]


def test_p15_a_fixed_cost_is_there_in_each_month_with_rows_of_its_account(ask):
    rows = [Used(NOV_3, Decimal(1)), Used(DEC_1, Decimal(1), "b"), Used(date(2026, 10, 31), Decimal(1), "b")]
    rates = [
        Rate(None, NOV_1, billing_account_id="a", service_name="airflow", x_fixed_cost=Decimal("49.9")),
        Rate(None, NOV_1, billing_account_id="b", x_fixed_cost=Decimal(5)),
        Rate(CENT),
    ]
    assert ask(rows, rates, LINES) == [
        ("fixed", "a", "airflow", "", "", "2026-11-01", None, "49.9"),
        ("fixed", "b", "*", "", "", "2026-12-01", None, "5"),
    ]
    assert [row[1] for row in ask(rows, rates, SOURCES)] == ["0.01", "0.01", "0.01"]


def test_p15_currencies_are_never_added_up(ask):
    rows = [
        Used(NOV_1, Decimal(1), effective_cost=Decimal(1), billing_currency="USD"),
        Used(NOV_2, Decimal(1)),
        Used(NOV_3, Decimal(1)),
    ]
    rates = [
        Rate(Decimal(1), billing_currency="EUR", sku_price_effective_end=NOV_3),
        Rate(Decimal(1), NOV_3, billing_currency="CHF"),
    ]
    sql = "SELECT billing_currency, effective_cost FROM usage_cost_monthly ORDER BY 1"
    assert ask(rows, rates, sql) == [("CHF", "1"), ("EUR", "1"), ("USD", "1")]


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
@pytest.mark.parametrize("view", ["usage_cost_daily", "usage_cost_monthly"])
def test_p15_one_month_reads_one_month(view, ask, warehouse):
    ask([Used(NOV_1, Decimal(1))], [Rate(CENT, x_included_quantity=Decimal(1))], "SELECT 1")
    plan = [
        row[0] for row in warehouse.query(f"EXPLAIN SELECT * FROM {view} WHERE billing_period_start = '2026-11-01'")
    ]
    reads = [(line, filtered) for line, filtered in pairwise(plan) if "on usage_daily" in line]
    assert reads
    assert [line for line, *_ in reads if "Scan" not in line] == []
    assert [line for line, condition in reads if "billing_period_start = '2026-11-01'" not in condition] == []
