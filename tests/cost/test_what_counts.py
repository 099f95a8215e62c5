"""Which usage counts against a budget, which days are loaded for it, and what is said beside the sum."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from datacoves_usage_provider.cost import usage_rows
from datacoves_usage_provider.cost.budgets import Budget
from datacoves_usage_provider.cost.usage_kinds import find_accounts, read_kinds
from datacoves_usage_provider.cost.usage_rows import get_history
from tests.cost.budgets import DAY, NOV_18, back_from
from tests.support.statements import watching

NOV_1 = date(2026, 11, 1)
NOVEMBER = back_from(NOV_18, 18)


def check_one(books: Any, **budget: Any) -> dict[str, Any]:
    books.budget(**budget)
    (status,) = books.check()["budgets"]
    return status


def check_each(books: Any, *wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Check a budget for each of these values, all at once."""
    for number, values in enumerate(wanted):
        books.budget(f"budget {number}", **values)
    return books.check()["budgets"]


def test_a_budget_counts_what_it_names(books):
    books.use(NOVEMBER, 2, sub_account="def456")
    books.load(back_from(NOV_18), account="b")
    books.use(NOVEMBER[:3], 2, account="b", service_name="airbyte")
    books.use(NOVEMBER, 50, meter=("Unique Minutes", "Minutes"), x_is_additive=False)
    books.use(NOVEMBER, 50, meter=("Runs", "Runs"))
    used = {
        "1842": {},
        "1836": {"billing_account_id": "a"},
        "36": {"sub_account_id": "def456"},
        "6": {"service_name": "airbyte"},
        "900": {"service_provider_name": None, "sub_account_id": "*", "unit": "Runs"},
        None: {"service_provider_name": "Adverity"},
    }
    assert [status["x_used"] for status in check_each(books, *used.values())] == list(used)


@pytest.mark.parametrize("unit", ["Minutes", "EUR"])
def test_a_thousand_budgets_of_two_environments_each_count_their_own(books, unit, monkeypatch):
    books.rate(1)
    books.use(NOVEMBER, 2, sub_account="def456")
    names = {"abc123": "1800", "def456": "36"} | dict.fromkeys(map(str, range(1001)))
    books.add(
        books.warehouse.cost_tables.budget,
        [{"x_budget_name": name, "sub_account_id": name, "x_amount": Decimal(1), "x_unit": unit} for name in names],
    )
    assert {status["x_budget_name"]: status["x_used"] for status in books.check()["budgets"]} == names
    monkeypatch.setattr(usage_rows, "_MOST_VALUES", 999)
    statements: list[str] = []
    with watching(statements.append):
        assert {status["x_budget_name"]: status["x_used"] for status in books.check()["budgets"]} == names
    assert not any("sub_account_id IN" in statement for statement in statements)


def test_nothing_after_the_day_is_known(books):
    later = [NOV_18 + DAY, NOV_18 + 2 * DAY]
    books.use(later, 5000)
    books.load(later)
    status = check_one(books)
    assert (status["x_used"], status["x_forecast"], status["x_days_loaded"]) == ("1800", "3000", 18)


def test_a_day_is_loaded_if_it_is_for_each_account_of_the_budget(books):
    books.load(back_from(date(2026, 9, 30)), account="long ago")
    books.load(NOVEMBER[:10], account="b")
    statuses = check_each(books, {}, {"billing_account_id": "a"}, {"billing_account_id": "b"})
    assert [status["x_days_loaded"] for status in statuses] == [10, 18, 10]


@pytest.mark.parametrize(
    ("as_of", "last", "days"),
    [
        (NOV_18, date(2026, 10, 22), 0),
        (NOV_18, date(2026, 10, 21), 18),
        (date(2026, 10, 31), date(2026, 10, 1), 1),
        (date(2026, 10, 31), date(2026, 9, 30), 31),
    ],
    ids=str,
)
def test_an_account_counts_while_the_month_or_the_last_28_days_have_a_load_of_it(books, as_of, last, days):
    books.load(back_from(last, 10), account="b")
    books.budget()
    (status,) = books.check(as_of)["budgets"]
    assert status["x_days_loaded"] == days


@pytest.mark.parametrize("unit", ["Minutes", "EUR"])
def test_an_account_that_never_had_what_the_budget_counts_leaves_no_holes_in_it(books, unit):
    books.rate(1)
    stopped = back_from(date(2026, 10, 30))
    crawler = {"service_provider_name": "WebCrawlerAPI", "account": "w"}
    books.load(stopped, **crawler, x_records=1)
    books.use(
        stopped, meter=("Requests", "Requests"), **crawler, effective_cost=3, billing_currency="USD", service_name="C"
    )
    statuses = check_each(books, {"service_provider_name": None, "unit": unit, "amount": 5000}, {"unit": unit})
    assert [(status["x_days_loaded"], status["x_forecast"]) for status in statuses] == [(18, "3000")] * 2


@pytest.mark.parametrize(("first_use", "days"), [(NOV_18 - 118 * DAY, 10), (NOV_18 - 119 * DAY, 18)], ids=str)
def test_an_account_that_had_what_the_budget_counts_once_in_the_history_still_leaves_holes(books, first_use, days):
    books.load(NOVEMBER[:10], account="b", x_records=1)
    books.use([first_use], account="b")
    books.use(NOVEMBER[:10], account="b", meter=("Runs", "Runs"))
    assert check_one(books)["x_days_loaded"] == days


@pytest.mark.parametrize("unit", ["Minutes", "EUR"])
@pytest.mark.parametrize("named", [{"sub_account_id": "prod"}, {"service_name": "airbyte"}], ids=str)
def test_p16_usage_that_moved_to_an_account_in_its_hole_is_missing_and_not_zero(books, unit, named):
    """The other account had usage of the same meter before, though none that the budget names."""
    moved = {"sub_account": named.get("sub_account_id", "abc123"), "service_name": named.get("service_name", "airflow")}
    before_hole = back_from(date(2026, 11, 8))
    books.rate(1)
    books.use(before_hole, 1000, **moved)
    books.load(before_hole, account="b", x_records=1)
    books.use(before_hole, 1000, account="b")
    books.budget(amount=20000, unit=unit, **named)
    result = books.check()
    (status,) = result["budgets"]
    assert (status["x_days_loaded"], status["x_days_missing"], status["x_forecast"]) == (8, 10, "30000")
    assert [alert["rule"] for alert in result["alerts"]] == ["forecast:110"]


def test_p16_an_account_whose_price_is_in_the_currency_since_its_hole_began_leaves_it_missing(books):
    before_hole = back_from(date(2026, 10, 31))
    books.rate(1, billing_account_id="a", billing_currency="USD")
    books.rate(1, billing_account_id="b", sku_price_effective_end=NOV_1)
    books.rate(1, billing_account_id="b", billing_currency="USD", sku_price_effective_start=NOV_1)
    books.load(before_hole, account="b", x_records=1)
    books.use(before_hole, 1000, account="b")
    assert check_one(books, unit="USD", amount=10000)["x_days_missing"] == 18


HISTORY = get_history(NOV_18)
RATES = {
    "of a service": {"service_name": "airbyte"},
    "since today": {"sku_price_effective_start": NOV_18},
    "from tomorrow": {"sku_price_effective_start": NOV_18 + DAY},
    "up to the first day": {"sku_price_effective_end": HISTORY.start + DAY},
    "before the first day": {"sku_price_effective_end": HISTORY.start},
    "of another meter": {"sku_meter": "Runs"},
    "of another unit": {"pricing_unit": "Hours"},
    "of another provider": {"service_provider_name": "Adverity"},
    "without a price": {"contracted_unit_price": None},
}


def test_p16_money_of_an_account_may_be_in_the_currencies_of_the_rates_that_ever_fit_its_meters(empty_books):
    for name, columns in RATES.items():
        empty_books.use([NOV_1], account=name)
        empty_books.rate(1, **{"billing_account_id": name, "billing_currency": "USD", **columns})
    assert find_accounts_of_money(empty_books, "USD") == {"of a service", "since today", "up to the first day"}


def test_p16_the_vendors_money_is_in_its_own_currency_whatever_the_rates(empty_books):
    empty_books.rate(1, billing_currency="USD")
    empty_books.rate(1, billing_currency="EUR")
    for currency in ("USD", "EUR"):
        empty_books.use([NOV_1], account=currency, effective_cost=3, billing_currency=currency)
    empty_books.use([NOV_1], account="rates")
    empty_books.use([NOV_1], account="not additive", x_is_additive=False)
    empty_books.use([HISTORY.start - DAY], account="long ago")
    assert find_accounts_of_money(empty_books, "EUR") == {"EUR", "rates"}


def find_accounts_of_money(books: Any, currency: str) -> set[str]:
    tables, rate = books.warehouse.tables, books.warehouse.cost_tables.rate
    kinds = books.warehouse.run_in_transaction(
        lambda connection: read_kinds(connection, tables.daily, rate, HISTORY), lambda: ""
    )
    budget = Budget("all", {"sub_account_id": "prod", "service_name": "new"}, Decimal(1), currency, ())
    return {account.billing_account_id for account in find_accounts(kinds, budget)}


def test_a_budget_that_no_account_has_usage_of_is_loaded_where_all_of_them_are(books):
    books.load(NOVEMBER[:10], account="b", x_records=1)
    books.load(NOVEMBER, x_records=1)
    assert check_one(books, sub_account_id="new")["x_days_loaded"] == 10


@pytest.mark.parametrize(("days_ago", "is_told"), [(118, False), (119, True)])
def test_usage_of_119_days_is_read(empty_books, caplog, days_ago, is_told):
    empty_books.use([NOV_18 - days_ago * DAY])
    empty_books.budget()
    empty_books.check()
    assert ("matches no usage of the last 119 days" in caplog.text) is is_told


def test_a_budget_of_one_environment_needs_no_load_of_the_others(empty_books):
    empty_books.load(NOVEMBER[:5], sub_account_id="abc123")
    of_one = {"sub_account_id": "abc123"}
    statuses = check_each(empty_books, of_one, of_one | {"service_name": "airflow"}, {"sub_account_id": "def456"}, {})
    assert [status["x_days_loaded"] for status in statuses] == [5, 5, 0, 0]


def test_money_counts_at_its_price_and_what_has_none_is_told(books):
    books.rate("2.50", x_pricing_quantity=100, sku_price_effective_start=date(2026, 11, 9))
    books.use(NOVEMBER[:2], 7, meter=("Requests", "Requests"), effective_cost=3, billing_currency="EUR")
    books.use(
        NOVEMBER[:2], 7, meter=("Requests", "Requests"), sub_account="x", effective_cost=9, billing_currency="USD"
    )
    books.use(NOVEMBER, 7, meter=("Unique Rows", "Rows"), x_is_additive=False)
    books.budget(amount=20, unit="EUR", x_alert_rules="used:100")
    result = books.check()
    (status,) = result["budgets"]
    assert (status["x_used"], status["x_unpriced_rows"]) == ("31", 8)
    assert "31.00 of 20.00 EUR (155 %) after 18 of 30 days." in result["alerts"][0]["text"]
    assert "Without a price, and so not counted: 8 rows of usage." in result["alerts"][0]["text"]


def test_money_counts_once_up_to_the_day_whatever_rates_fit(books):
    books.rate(2)
    books.rate(3, billing_account_id="a")
    books.use([NOV_18 + DAY], 1000)
    status = check_one(books, amount=1000, unit="EUR")
    assert (status["x_used"], status["x_unpriced_rows"]) == ("5400", 0)


def test_p19_money_of_a_meter_whose_days_do_not_add_up_counts_in_no_budget_as_it_does_in_no_month(books):
    unique = {"meter": ("Unique Rows", "Rows"), "x_is_additive": False}
    books.rate(1)
    books.use([NOV_18], 7, **unique, effective_cost=9, billing_currency="EUR")
    status = check_one(books, amount=1000, unit="EUR")
    ((month,),) = books.database.query(
        "SELECT sum(effective_cost) FROM usage_cost_monthly WHERE billing_period_start = '2026-11-01'"
    )
    assert (Decimal(status["x_used"]), Decimal(month)) == (1800, 1800)


def test_a_unit_needs_no_price(books):
    assert check_one(books)["x_unpriced_rows"] == 0


def test_a_check_returns_the_rows_that_it_writes(books):
    books.use(back_from(NOV_18, 20), "0.1", sub_account="tenths")
    books.use(back_from(NOV_18, 3), "0.7", sub_account="tenths", service_name="airbyte")
    status = check_one(books, sub_account_id="tenths", amount=1)
    table = books.warehouse.cost_tables.budget_status
    (row,) = books.warehouse.run_in_transaction(lambda connection: connection.execute(table.select()).all(), lambda: "")
    written = row._mapping
    assert status.keys() == written.keys()
    assert (status["billing_period_start"], status["x_as_of"]) == ("2026-11-01", "2026-11-18")
    assert status["x_loaded_at"].endswith("+00:00")
    for name in ("x_used", "x_forecast", "x_amount"):
        assert format(written[name].normalize(), "f") == status[name]
    assert [str(written[name]) for name in ("billing_period_start", "x_as_of", "x_exceeds_on")] == [
        status[name] for name in ("billing_period_start", "x_as_of", "x_exceeds_on")
    ]


def test_a_forecast_that_no_decimal_says_exactly_is_written_as_it_is_returned(books):
    for table in ("usage_daily", "usage_load_log"):
        books.database.query(f"DELETE FROM {table} WHERE charge_period_start = '2026-11-11'")  # one of four Wednesdays
    books.use([NOV_18], 1, sub_account="def456")
    status = check_one(books)
    assert status["x_forecast"].startswith("3001.66666666")
    ((written,),) = books.database.query("SELECT x_forecast FROM usage_budget_status")
    assert Decimal(str(written)) == Decimal(status["x_forecast"])


def test_a_budget_counts_from_its_first_month_to_the_one_before_its_end(books):
    books.budget(x_effective_start=date(2026, 11, 1), x_effective_end=date(2026, 12, 1))
    months = (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1))
    assert [len(books.check(day)["budgets"]) for day in months] == [0, 1, 1, 0]


def test_named_budgets_alone_are_checked_and_one_that_is_not_effective_is_left_out_with_a_warning(books, caplog):
    for name in ("a", "b"):
        books.budget(name)
    books.budget("old", x_effective_end=date(2026, 11, 1))
    checked = books.check(NOV_18, "b", "old")
    assert [status["x_budget_name"] for status in checked["budgets"]] == ["b"]
    assert "Budget 'old' is not effective in 2026-11, so it was left out." in caplog.text
    assert len(books.check()["budgets"]) == 2


def test_usage_of_an_earlier_month_without_a_price_is_not_called_a_budget_that_matches_nothing(books, caplog):
    books.budget(unit="EUR")
    (status,) = books.check(date(2026, 12, 1))["budgets"]
    assert (status["x_used"], status["x_unpriced_rows"]) == (None, 0)
    assert "matches no usage" not in caplog.text
