"""``usage_jump``: days that are unusual for their weekday."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import create_engine, insert
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.warehouse.tables import make_tables
from datacoves_usage_provider.warehouse.warehouse import Warehouse

MONDAY = date(2026, 11, 16)
RUN = {"x_conn_id": "", "x_dag_id": "", "x_run_id": "", "x_loaded_at": datetime(2026, 12, 1, tzinfo=timezone.utc)}
ACCOUNT = {"service_provider_name": "Datacoves", "billing_account_id": "a"}
USED = {
    **ACCOUNT,
    "sub_account_id": "s",
    "service_name": "airflow",
    "resource_id": "",
    "sku_meter": "Worker Minutes",
    "consumed_unit": "Minutes",
    "x_is_additive": True,
    **RUN,
}
WHOLE = {"sub_account_id": "*", "service_name": "*", "resource_id": "*", "x_records": 1}


def days_before(day: date, count: int) -> list[date]:
    return [day - timedelta(days=n) for n in range(count, -1, -1)]


@pytest.fixture
def find(warehouse):
    """Write what was used on loaded days (0: no row), and return the jumps' days, quantities and bounds."""
    Warehouse.connect(warehouse.conn_id, None).prepare()
    tables = make_tables(None)

    def run(used: dict[date, int], loaded: Iterable[date] | None = None, **of_load: str) -> list[tuple[Any, ...]]:
        rows = [
            {
                **USED,
                "charge_period_start": day,
                "billing_period_start": day.replace(day=1),
                "consumed_quantity": Decimal(quantity),
            }
            for day, quantity in used.items()
            if quantity
        ]
        log = [{**ACCOUNT, **WHOLE, **of_load, **RUN, "charge_period_start": day} for day in loaded or used]
        with create_engine(warehouse.uri, poolclass=NullPool).begin() as connection:
            connection.execute(insert(tables.daily), rows)
            connection.execute(insert(tables.load_log), [*log, *log])  # as days that were loaded again
        found = warehouse.query(
            "SELECT charge_period_start, consumed_quantity, x_low, x_high FROM usage_jump ORDER BY charge_period_start"
        )
        return [(str(day), *map(float, numbers)) for day, *numbers in found]

    return run


def usual(day: date) -> int:
    return 0 if day.weekday() > 4 else 100


def test_weekends_are_no_jumps_and_a_day_out_of_its_weekdays_range_is_one(find):
    days = days_before(MONDAY, 70)
    used = {day: usual(day) for day in days} | {MONDAY - timedelta(days=7): 120, MONDAY: 151}
    assert find(used) == [("2026-11-16", 151, 75, 150)]


@pytest.mark.parametrize(("quantity", "jumps"), [(125, []), (126, [126]), (75, []), (74, [74]), (0, [0])])
def test_a_quarter_more_or_less_than_the_range_is_the_limit(quantity, jumps, find):
    used = dict.fromkeys(days_before(MONDAY, 60), 100) | {MONDAY: quantity}
    assert [row[1] for row in find(used)] == jumps


def test_a_jump_that_goes_on_is_there_once_across_weekends(find):
    used = {day: usual(day) for day in days_before(MONDAY, 80)}
    thursday = MONDAY - timedelta(days=11)
    used |= {day: 3 * usual(day) for day in used if day >= thursday}
    assert [row[0] for row in find(used)] == [str(thursday)]


def test_a_fall_after_a_rise_is_a_jump_of_its_own(find):
    used = dict.fromkeys(days_before(MONDAY, 60), 100) | {MONDAY - timedelta(days=1): 200, MONDAY: 10}
    assert [row[1] for row in find(used)] == [200, 10]


@pytest.mark.parametrize(("weeks", "jumps"), [(3, 0), (4, 1)])
def test_four_of_the_weekdays_must_be_loaded(weeks, jumps, find):
    loaded = [*(MONDAY - timedelta(weeks=n) for n in range(1, weeks + 1)), MONDAY]
    assert len(find(dict.fromkeys(loaded, 100) | {MONDAY: 500})) == jumps


def test_weekdays_of_more_than_eight_weeks_ago_do_not_count(find):
    used = {MONDAY - timedelta(weeks=n): 100 for n in range(1, 9)} | {MONDAY - timedelta(weeks=9): 900, MONDAY: 500}
    assert [row[1:] for row in find(used)] == [(500, 75, 125)]


def test_a_day_that_is_not_loaded_is_no_fall_to_zero(find):
    used = dict.fromkeys(days_before(MONDAY, 60), 100)
    assert find(used | {MONDAY: 0}, loaded=list(used)[:-1]) == []


@pytest.mark.parametrize(
    ("cell", "jumps"),
    [
        ({"sub_account_id": "s"}, 1),
        ({"service_name": "airflow"}, 1),
        ({"sub_account_id": "another"}, 0),
        ({"service_name": "airbyte"}, 0),
        ({"resource_id": "a part"}, 0),
        ({"billing_account_id": "b"}, 0),
    ],
)
def test_a_load_counts_for_what_it_covered(cell, jumps, find):
    used = dict.fromkeys(days_before(MONDAY, 60), 100) | {MONDAY: 500}
    assert len(find(used, **cell)) == jumps
