"""P11: decimals from the JSON text to the table and back, or an error; never a rounded number."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.warehouse.dialects.sqlite_numbers import to_sqlite_number
from datacoves_usage_provider.warehouse.tables import Provenance, make_tables
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.support.truth import window

EVERYWHERE = ["0", "1", "0.1", "12.345", "0.000001", "123456789.012345", "9223372036854775807", "1e19", "0.07"]
ONLY_DECIMALS = ["99999999999999999999.999999999999999999", "0.123456789012345678", "9223372036854775809"]
RUN = Provenance("a_conn", "a_dag", "a_run")


def load(warehouse, *numbers: str) -> None:
    records = tuple(
        UsageRecord(
            sub_account_id=f"{n}",
            service_name="s",
            meter=Meter("Compute Units", "Compute Units"),
            charge_period_start=date(2026, 11, 20),
            consumed_quantity=Decimal(number),
            effective_cost=Decimal(number),
            billing_currency="USD",
        )
        for n, number in enumerate(numbers)
    )
    days = window("2026-11-20", "2026-11-21")
    chunk = UsageChunk(BillingAccount("P", "a"), days, days.days, Scope(), records, requests=1, retries=0)
    target = Warehouse.connect(warehouse.conn_id, None)
    target.prepare()
    target.load(chunk, RUN)


def kept(warehouse) -> list[Decimal]:
    """The numbers as SQL gives them to a user, not as our own types do."""
    rows = warehouse.query("SELECT consumed_quantity, effective_cost FROM usage_daily ORDER BY sub_account_id")
    assert all(Decimal(str(quantity)) == Decimal(str(cost)) for quantity, cost in rows)
    return [Decimal(str(quantity)) for quantity, _ in rows]


def test_p11_numbers_are_kept_exactly(warehouse):
    load(warehouse, *EVERYWHERE)
    assert kept(warehouse) == [Decimal(number) for number in EVERYWHERE]


def test_p11_numbers_compare_as_numbers(warehouse):
    load(warehouse, "9", "10", "2.5")
    assert warehouse.query("SELECT max(consumed_quantity), min(consumed_quantity) FROM usage_daily") == [(10, 2.5)]
    assert warehouse.query("SELECT count(*) FROM usage_daily WHERE consumed_quantity > 3") == [(2,)]


def test_p11_a_database_with_decimals_keeps_all_38_digits(postgres_warehouse):
    load(postgres_warehouse, *ONLY_DECIMALS)
    assert kept(postgres_warehouse) == [Decimal(number) for number in ONLY_DECIMALS]


@pytest.mark.parametrize("number", ONLY_DECIMALS)
def test_p11_sqlite_rejects_what_it_would_round_and_keeps_what_was_there(sqlite_warehouse, number):
    load(sqlite_warehouse, "5")
    with pytest.raises(UsageDataError, match="'usage_warehouse': SQLite cannot hold .* Nothing of 2026-11-20 was"):
        load(sqlite_warehouse, "1", number)
    assert kept(sqlite_warehouse) == [5]


@pytest.mark.parametrize(("number", "bound"), [("120", 120), ("1.50", 1.5), ("1e3", 1000), ("-0", 0), ("0.1", 0.1)])
def test_p11_sqlite_gets_an_integer_or_the_shortest_double(number, bound):
    assert to_sqlite_number(Decimal(number)) == bound
    assert type(to_sqlite_number(Decimal(number))) is type(bound)


def test_p11_our_own_types_read_decimals_back(warehouse):
    load(warehouse, "12.345", "7")
    quantity = make_tables(None).daily.c.consumed_quantity
    with create_engine(warehouse.uri, poolclass=NullPool).connect() as connection:
        assert set(connection.scalars(select(quantity))) == {Decimal("12.345"), Decimal(7)}
