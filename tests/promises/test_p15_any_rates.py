"""P15: whatever the usage and the rates are, the views say what plain decimal arithmetic says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.costs import Line, Rate, Used, add_up, find_cost, prepare, write

EXAMPLES = {"sqlite": 60, "postgresql": 60, "snowflake": 15}
NUMBERS = {
    "sqlite": ["0", "1", "120", "60.5", "0.1", "1234567"],
    "postgresql": ["0", "1", "120", "0.1", "0.123456789012345678", "99999999.999999999999999999"],
    # fakesnow cannot divide what is above 10**14.
    "snowflake": ["0", "1", "120", "0.1", "0.123456789012345678", "999999.999999999999999999"],
}
DAYS = [
    date(2026, 10, 31),
    date(2026, 11, 1),
    date(2026, 11, 2),
    date(2026, 11, 15),
    date(2026, 11, 30),
    date(2026, 12, 1),
]
# PostgreSQL rounds nothing, SQLite to doubles, Snowflake to 18 decimals; fakesnow adds up as doubles.
OF_DAYS = {"postgresql": 0, "sqlite": Decimal("1e-12"), "snowflake": Decimal("2e-18")}
OF_MONTHS = OF_DAYS | {"snowflake": Decimal("1e-12")}


def make_rows(dialect: str) -> st.SearchStrategy[list[Used]]:
    row = st.builds(
        Used,
        charge_period_start=st.sampled_from(DAYS),
        consumed_quantity=st.sampled_from(NUMBERS[dialect]).map(Decimal),
        billing_account_id=st.sampled_from("ab"),
        service_name=st.sampled_from(["airflow", "airbyte"]),
        sku_meter=st.sampled_from(["Worker Minutes", "Worker Minutes", "Runs"]),
        effective_cost=st.sampled_from([None, None, None, Decimal("1.25"), Decimal(0)]),
        billing_currency=st.just("USD"),
        x_is_additive=st.sampled_from([True, True, True, False]),
    )
    return st.lists(row, max_size=12, unique_by=_get_key)


def _get_key(row: Used) -> tuple[Any, ...]:
    return row.charge_period_start, row.billing_account_id, row.service_name, row.sku_meter


def make_rates(dialect: str) -> st.SearchStrategy[list[Rate]]:
    numbers = st.sampled_from(NUMBERS[dialect]).map(Decimal)
    maybe = st.none() | numbers
    rate = st.builds(
        Rate,
        contracted_unit_price=maybe,
        sku_price_effective_start=st.sampled_from(DAYS),
        sku_price_effective_end=st.none() | st.sampled_from(DAYS),
        billing_account_id=st.sampled_from([None, "*", "a", "b"]),
        service_name=st.sampled_from([None, "*", "airflow"]),
        x_pricing_quantity=st.sampled_from([None, 1, 10, 1_000_000]).map(lambda units: units and Decimal(units)),
        billing_currency=st.sampled_from(["EUR", "USD"]),
        x_included_quantity=maybe,
        x_fixed_cost=maybe,
        sku_meter=st.sampled_from(["Worker Minutes", "Runs"]),
    )
    # Of two that begin on the same day and are as specific, nobody can say which one counts; a row twice is one.
    different = st.lists(rate, max_size=8, unique_by=_get_specific)
    return st.tuples(different, st.booleans()).map(lambda drawn: drawn[0] + drawn[0] * drawn[1])


def _get_specific(rate: Rate) -> tuple[Any, ...]:
    names = (rate.billing_account_id or "*", rate.service_name or "*")
    return (*names, rate.sku_meter, rate.sku_price_effective_start)


def read_days(warehouse: Any) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    rows = warehouse.query(
        "SELECT charge_period_start, billing_account_id, service_name, sku_meter, effective_cost, billing_currency, "
        "x_cost_source, contracted_unit_price, x_pricing_quantity FROM usage_cost_daily"
    )
    read = {
        (_to_date(row[0]), *row[1:4]): (*map(_to_number, row[4:5]), *row[5:7], *map(_to_number, row[7:]))
        for row in rows
    }
    assert len(read) == len(rows)
    return read


def read_months(warehouse: Any) -> list[Line]:
    lines = warehouse.query(f"SELECT {', '.join(Line._fields)} FROM usage_cost_monthly")
    return [
        Line(*row[:4], _to_date(row[4]), *row[5:8], *map(_to_number, row[8:10]), int(row[10]), int(row[11]))
        for row in lines
    ]


def _to_date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _to_number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def is_near(one: Decimal | None, other: Decimal | None, tolerance: Decimal | int) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= tolerance * max(1, abs(other))


def check_days(warehouse: Any, rows: list[Used], rates: list[Rate]) -> None:
    read = read_days(warehouse)
    assert set(read) == set(map(_get_key, rows))
    tolerance = OF_DAYS[warehouse.dialect]
    for row in rows:
        expected = find_cost(row, rates)
        cost, currency, source, price, units = read[_get_key(row)]
        assert (currency, source) == (expected.currency, expected.source)
        assert is_near(cost, expected.cost, tolerance), row
        rate = expected.rate
        assert is_near(price, rate and rate.contracted_unit_price, tolerance)
        assert units == (rate and (rate.x_pricing_quantity or 1))


def check_months(warehouse: Any, rows: list[Used], rates: list[Rate]) -> None:
    tolerance = OF_MONTHS[warehouse.dialect]
    missing = read_months(warehouse)
    for expected in add_up(rows, rates):
        same = [line for line in missing if line[:8] == expected[:8] and _is_same(line, expected, tolerance)]
        assert same, (expected, missing)
        missing.remove(same[0])
    assert missing == []


def _is_same(line: Line, expected: Line, tolerance: Decimal | int) -> bool:
    counts = line.x_unpriced_rows == expected.x_unpriced_rows and line.x_days == expected.x_days
    numbers = zip(line[8:10], expected[8:10], strict=True)
    return counts and all(is_near(one, other, tolerance) for one, other in numbers)


def test_p15_the_views_say_what_plain_arithmetic_says(warehouse):
    prepare(warehouse)
    dialect = warehouse.dialect

    @settings(max_examples=EXAMPLES[dialect], deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(rows=make_rows(dialect), rates=make_rates(dialect))
    def check(rows: list[Used], rates: list[Rate]) -> None:
        write(warehouse, rows, rates)
        check_days(warehouse, rows, rates)
        check_months(warehouse, rows, rates)

    check()
