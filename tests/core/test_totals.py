"""Totals are exact, sorted and plain JSON."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.records import (
    UsageRecord,
    add_up,
    check_fits,
    check_numbers_fit,
    check_texts_fit,
    find_texts,
)
from datacoves_usage_provider.totals import PeriodTotals, plain
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

DAY = date(2026, 11, 20)
WORKER_MINUTES = Meter("Worker Minutes", "Minutes")
COMPUTE_UNITS = Meter("Compute Units", "Compute Units", is_whole=False)


class Named(str, Enum):
    AIRFLOW = "airflow"


def record(quantity: str = "1", **fields) -> UsageRecord:
    defaults = {"sub_account_id": "abc123", "service_name": "airflow", "meter": WORKER_MINUTES}
    defaults |= {"charge_period_start": DAY}
    return UsageRecord(**(defaults | fields), consumed_quantity=Decimal(quantity))


def two_days() -> PeriodTotals:
    return PeriodTotals(UsageWindow(DAY, DAY + 2 * ONE_DAY))


def total_json(*records: UsageRecord) -> list[dict]:
    totals = two_days()
    totals.add(records)
    return json.loads(json.dumps([total.to_json() for total in totals.get()]))


def test_one_total_for_each_sub_account_service_meter_unit_and_currency_null_first():
    records = [
        record("5", sub_account_id="b"),
        record("1", sub_account_id="a", billing_currency="USD", effective_cost=Decimal("0.10")),
        record("2", sub_account_id="a"),
        record("3", sub_account_id="a", charge_period_start=date(2026, 11, 21)),
        record("4", sub_account_id=""),
    ]
    shown = [(t["sub_account_id"], t["billing_currency"], t["consumed_quantity"]) for t in total_json(*records)]
    assert shown == [("", None, 4), ("a", None, 5), ("a", "USD", 1), ("b", None, 5)]


def test_a_total_is_plain_json_of_all_that_it_says():
    (total,) = total_json(record("2", effective_cost=Decimal("0.50"), billing_currency="USD"))
    assert total == {
        "sub_account_id": "abc123",
        "service_name": "airflow",
        "sku_meter": "Worker Minutes",
        "consumed_unit": "Minutes",
        "consumed_quantity": 2,
        "effective_cost": "0.5",
        "billing_currency": "USD",
    }


UNIQUE_ROWS = Meter("Unique Rows", "Rows", is_additive=False)


def test_days_that_do_not_add_up_have_a_total_if_it_is_one_day_or_the_vendors_month():
    one_day, month = PeriodTotals(UsageWindow(DAY, DAY + ONE_DAY)), two_days()
    for totals in (one_day, month):
        totals.add([record("3", meter=UNIQUE_ROWS), record("5")])
    assert [(total.meter, total.consumed_quantity) for total in one_day.get()] == [
        (UNIQUE_ROWS, 3),
        (WORKER_MINUTES, 5),
    ]
    assert [(total.meter, total.consumed_quantity) for total in month.get()] == [(WORKER_MINUTES, 5)]
    month.add([record("4", meter=UNIQUE_ROWS), record("9")], are_monthly=True)
    assert [(total.meter, total.consumed_quantity) for total in month.get()] == [(UNIQUE_ROWS, 4), (WORKER_MINUTES, 5)]


def test_coarse_totals_add_up_all_sub_accounts_and_then_all_services():
    totals = two_days()
    parts = (("a", "airflow", "1"), ("b", "airflow", "2"), ("b", "airbyte", "4"))
    costs = {"effective_cost": Decimal("0.5"), "billing_currency": "USD"}
    totals.add(record(quantity, sub_account_id=a, service_name=service, **costs) for a, service, quantity in parts)
    by_service = [
        (total.sub_account_id, total.service_name, total.consumed_quantity) for total in totals.get("service")
    ]
    assert by_service == [(None, "airbyte", 4), (None, "airflow", 3)]
    (total,) = totals.get("meter")
    assert (total.service_name, total.consumed_quantity, total.effective_cost) == (None, 7, Decimal("1.5"))


def test_a_sub_account_has_the_last_name_that_a_record_gives_it():
    totals = two_days()
    totals.add([record(sub_account_name="First")])
    totals.add(record(sub_account_name=name) for name in ("Second", "Third"))
    totals.add([record()])
    assert totals.names == {"abc123": "Third"}


def test_meters_whose_days_do_not_add_up_are_listed_by_name():
    meters = [Meter(name, "Rows", is_additive=False) for name in ("Unique Rows", "Unique Keys", "Unique Users")]
    totals = two_days()
    totals.add([record(), *(record(meter=meter) for meter in meters)])
    found = [meter.name for meter in totals.find_meters_without_total()]
    assert found == ["Unique Keys", "Unique Rows", "Unique Users"]


@pytest.mark.parametrize("name", ["sub_account_id", "service_name", "billing_currency"])
def test_totals_are_sorted_by_each_part_of_their_key(name):
    nothing = None if name == "billing_currency" else ""
    totals = total_json(*(record(**{name: value}) for value in ("B", nothing, "A")))
    assert [total[name] for total in totals] == [nothing, "A", "B"]


@pytest.mark.parametrize(
    ("meter", "quantity", "shown"),
    [
        (WORKER_MINUTES, "120", 120),
        (WORKER_MINUTES, "9007199254740993", 9007199254740993),
        (WORKER_MINUTES, "0.5", "0.5"),
        (COMPUTE_UNITS, "12.500", "12.5"),
        (COMPUTE_UNITS, "100", "100"),
        (COMPUTE_UNITS, "1E+3", "1000"),
        (COMPUTE_UNITS, "0.000000000000000001", "0.000000000000000001"),
    ],
    ids=str,
)
def test_quantities_of_whole_meters_are_integers_and_all_else_decimal_text(meter, quantity, shown):
    assert total_json(record(quantity, meter=meter))[0]["consumed_quantity"] == shown


def test_totals_go_on_from_one_chunk_to_the_next():
    totals = two_days()
    for cost in ("0.10", "0.20"):
        totals.add([record("5", effective_cost=Decimal(cost))])
    (total,) = totals.get()
    assert (total.consumed_quantity, total.effective_cost) == (10, Decimal("0.30"))


def test_a_cost_is_unknown_if_one_of_its_records_has_none():
    assert total_json(record(effective_cost=Decimal(1)), record())[0]["effective_cost"] is None


@given(
    st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=0, max_value=10**19), min_size=1)
)
def test_p11_sums_are_exact(numbers):
    totals = two_days()
    totals.add(record(str(number)) for number in numbers)
    assert Fraction(totals.get()[0].consumed_quantity) == sum(map(Fraction, numbers))


def test_p11_records_of_one_key_are_added_up_exactly():
    (summed,) = add_up([record("10000000000000000000.1"), record("0.000000000000000001")])
    assert plain(summed.consumed_quantity) == "10000000000000000000.100000000000000001"


@pytest.mark.parametrize(
    ("costs", "summed"),
    [(("10000000000000000000.1", "1e-18"), "10000000000000000000.100000000000000001"), (("1", None), None)],
)
def test_p11_costs_of_one_key_are_added_up_exactly_and_are_unknown_if_one_is(costs, summed):
    """Whichever comes first."""
    expected = None if summed is None else Decimal(summed)
    records = [record(effective_cost=None if cost is None else Decimal(cost)) for cost in costs]
    for of_one_key in (records, records[::-1]):
        assert [one.effective_cost for one in add_up(of_one_key)] == [expected]


def test_records_of_different_keys_are_not_added_up():
    summed = add_up([record("1"), record("2", resource_id="r1"), record("4"), record("8", resource_id="r2")])
    assert [(one.resource_id, one.consumed_quantity) for one in summed] == [("", 5), ("r1", 2), ("r2", 8)]


def test_p11_records_that_cannot_be_added_up_exactly_are_named():
    with pytest.raises(UsageDataError, match="abc123 / airflow on 2026-11-20: its numbers have too many digits"):
        add_up([record("1e60"), record("1e-18")])


def test_records_of_one_key_in_two_units_are_an_error():
    with pytest.raises(UsageDataError, match="consumed_unit is 'Hours' here and 'Minutes'"):
        add_up([record(), record(meter=Meter("Worker Minutes", "Hours"))])


@pytest.mark.parametrize("number", ["1e20", "99999999999999999999.9999999999999999999", "NaN", "Infinity", "1e-19"])
def test_p11_a_number_that_the_column_cannot_hold_is_an_error(number):
    named = re.escape(f"consumed_quantity is {Decimal(number)}, which NUMERIC(38, 18) cannot hold exactly")
    with pytest.raises(UsageDataError, match=named):
        check_fits(record(number))


def check_all_fit(records):
    check_texts_fit(records, find_texts(records))
    check_numbers_fit(records)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("consumed_quantity", {"quantity": "1e20"}),
        ("effective_cost", {"effective_cost": Decimal("1e20")}),
        ("resource_name", {"resource_name": "nul\x00"}),
    ],
    ids=["quantity", "cost", "text"],
)
def test_p11_of_many_records_the_one_that_does_not_fit_is_named(name, fields):
    others = {"effective_cost": Decimal(1)}
    with pytest.raises(UsageDataError, match=f"def456 .*: {name} "):
        check_all_fit([record(**others), record(sub_account_id="def456", **(others | fields)), record("2", **others)])


@pytest.mark.parametrize("number", ["0", "0e-30", "99999999999999999999.999999999999999999", "1e19", "0.5"])
def test_p11_a_number_that_the_column_can_hold_is_not_an_error(number):
    check_fits(record(number))


@pytest.mark.parametrize("text", ["x" * 256, "nul\x00"])
def test_p11_a_text_that_the_column_cannot_hold_is_an_error(text):
    with pytest.raises(UsageDataError, match="sub_account_id has"):
        check_fits(record(sub_account_id=text))


def test_p5_a_name_may_be_longer_than_an_id():
    check_fits(record(sub_account_name="x" * 10_000))
    with pytest.raises(UsageDataError, match="sub_account_name has 10001 characters"):
        check_fits(record(sub_account_name="x" * 10_001))


@pytest.mark.parametrize("value", [Named.AIRFLOW, 5], ids=repr)
@pytest.mark.parametrize("check", [check_fits, lambda record: check_all_fit([record])], ids=["one", "many"])
def test_p5_what_only_looks_like_text_is_an_error(check, value):
    """An API of a user's own may give it. PostgreSQL would get the name of an enum's member, not its text."""
    with pytest.raises(UsageDataError, match=f"service_name is of type {type(value).__name__}"):
        check(record(service_name=value))


@pytest.mark.parametrize(("name", "unit"), [("", "Minutes"), ("Minutes", ""), ("x" * 256, "x"), ("x", "x\x00")])
def test_p5_a_meter_has_a_name_and_a_unit_that_the_columns_hold(name, unit):
    with pytest.raises(ValueError, match="must each be a str of 1 to 255 characters: Meter"):
        Meter(name, unit)


@pytest.mark.parametrize(
    ("number", "text"), [("1.00", "1"), ("-0", "0"), ("-0.00", "0"), ("0.50", "0.5"), ("1E+2", "100"), ("100", "100")]
)
def test_p11_numbers_are_written_without_exponent_and_trailing_zeros(number, text):
    assert plain(Decimal(number)) == text
