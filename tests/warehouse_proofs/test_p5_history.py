"""P5: revisions replay to the table, whatever was trimmed and whatever clocks say, also where only a unit changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from datacoves_usage_provider.chunk import UsageChunk, VendorMonth
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.operators.data_warnings import find_data_warnings
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.warehouse import account
from datacoves_usage_provider.warehouse.changes import LoadCounts
from datacoves_usage_provider.warehouse.tables import Provenance
from tests.warehouse_proofs.loading import CONN_ID, load, make_chunk, make_days, make_record, open_warehouse

DAYS = make_days(0, 1)
KEY = (DAYS[0], "dev", "airflow", "", "Meter 0")
OTHER = (DAYS[0], "prod", "airflow", "", "Meter 0")
REVISIONS = """
SELECT x_consumed_quantity_before, x_consumed_quantity_after FROM usage_revision
WHERE sub_account_id = 'dev' ORDER BY x_loaded_at
"""
NUMBERS = "SELECT consumed_quantity FROM usage_daily WHERE sub_account_id = 'dev'"
MOMENTS = {
    name: f"SELECT DISTINCT x_loaded_at FROM usage_{name} ORDER BY 1" for name in ("load_log", "revision", "account")
}


@pytest.fixture
def load_number(warehouse: Any) -> Callable[[int | None], None]:
    """Load a day of two sub accounts; the number is that of ``dev``, None: no row."""
    opened = open_warehouse(warehouse.uri)
    opened.prepare()

    def load_one(number: int | None) -> None:
        records = [] if number is None else [make_record(KEY, number)]
        load(opened, "run", make_chunk("an account", DAYS, Scope(), [*records, make_record(OTHER, 1)]))

    return load_one


def replay(rows: Iterable[tuple[Any, Any]]) -> Any:
    """Return what the last row says, if each goes on where the one before it ended."""
    ends = list(rows)
    assert [before for before, _ in ends[1:]] == [after for _, after in ends[:-1]]
    return ends[-1][1]


@pytest.mark.parametrize("numbers", [(5, None, 7), (5, 6, None, 7), (5, None, 7, None, 8), (None, 3, None, 4)], ids=str)
@pytest.mark.parametrize("days", ["1 = 1", "x_loaded_at < (SELECT max(x_loaded_at) FROM usage_load_log)"])
def test_p5_revisions_replay_to_the_table_whatever_was_trimmed_of_the_load_log(load_number, warehouse, numbers, days):
    for number in numbers:
        load_number(number)
        if warehouse.query(REVISIONS):
            warehouse.query(f"DELETE FROM usage_load_log WHERE {days}")
    ((found,),) = warehouse.query(NUMBERS)
    assert replay(warehouse.query(REVISIONS)) == found == numbers[-1]


def test_p5_a_row_that_returns_after_the_log_was_trimmed_is_a_revision(load_number, warehouse):
    for number in (5, None):
        load_number(number)
    warehouse.query("DELETE FROM usage_load_log")
    load_number(7)
    assert warehouse.query(REVISIONS) == [(5, None), (None, 7)]


class Clocks(datetime):
    """``datetime`` whose ``now`` is wrong by ``errors`` seconds, one for each load."""

    errors: Iterable[float]

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return datetime.now(tz) + timedelta(seconds=next(iter(cls.errors), 0))


@pytest.mark.parametrize("wrong", [[30, 0, -30, 3600], [0, -0.5, 1, -1]], ids=str)
def test_p5_history_is_in_the_order_of_the_loads_whatever_the_workers_clocks_say(
    load_number, warehouse, monkeypatch, wrong
):
    load_number(0)
    numbers = [20, 10, 5, 2]
    for number, seconds in zip(numbers, wrong, strict=True):
        errors = [seconds]
        monkeypatch.setattr(Clocks, "errors", errors, raising=False)
        monkeypatch.setattr(account, "datetime", Clocks)
        load_number(number)
    assert [after for _, after in warehouse.query(REVISIONS)] == numbers
    assert replay(warehouse.query(REVISIONS)) == 2
    assert len(warehouse.query(MOMENTS["load_log"])) == len(numbers) + 1
    assert warehouse.query(MOMENTS["account"]) == warehouse.query(MOMENTS["load_log"])[-1:]


def test_p5_a_month_of_the_vendors_own_is_later_than_the_load_before_it(load_number, warehouse, monkeypatch):
    monkeypatch.setattr(Clocks, "errors", [60], raising=False)
    monkeypatch.setattr(account, "datetime", Clocks)
    load_number(1)
    chunk = make_chunk("an account", DAYS, Scope(), [make_record(KEY, 1)])
    month = VendorMonth(chunk.account, DAYS[0], chunk.scope, chunk.records)
    monkeypatch.setattr(Clocks, "errors", [-60])
    open_warehouse(warehouse.uri).load_month(month, Provenance(CONN_ID, "a_dag", "a_run"))
    ((days,), (months,)) = (
        warehouse.query(f"SELECT max(x_loaded_at) FROM usage_{name}")[0] for name in ("daily", "vendor_month")
    )
    assert months > days


def test_p5_moments_are_those_of_the_clock_where_it_is_right(load_number, warehouse):
    begin = datetime.now(timezone.utc)
    load_number(1)
    ((moment,),) = warehouse.query(MOMENTS["load_log"])
    moment = datetime.fromisoformat(str(moment))
    assert begin <= moment.replace(tzinfo=moment.tzinfo or timezone.utc) <= datetime.now(timezone.utc)


def make_unit_chunk(unit: str) -> UsageChunk:
    record = msgspec.structs.replace(make_record(KEY, 120), meter=Meter("Meter 0", unit))
    return make_chunk("an account", DAYS, Scope(), [record])


def test_p5_another_unit_of_the_same_number_is_a_change(warehouse):
    opened = open_warehouse(warehouse.uri)
    opened.prepare()
    load(opened, "first", make_unit_chunk("Minutes"))
    assert load(opened, "again", make_unit_chunk("Minutes")).count() == LoadCounts(0, 0, 0)
    chunk = make_unit_chunk("Hours")
    changes = load(opened, "second", chunk)
    assert changes.count() == LoadCounts(added=0, changed=1, removed=0)
    assert changes.units == {("Meter 0", "Minutes", "Hours"): 1}
    (warning,) = find_data_warnings(chunk, chunk.window, changes)
    assert "The unit of Meter 0 of Datacoves account 'an account' changed from Minutes to Hours in 1 row of" in warning
    assert warehouse.query("SELECT consumed_unit, x_run_id FROM usage_daily") == [("Hours", "second")]
    assert warehouse.query(REVISIONS) == [(120, 120)]


def test_p5_rows_whose_unit_changed_are_counted_and_those_whose_number_alone_changed_are_not(warehouse):
    opened = open_warehouse(warehouse.uri)
    opened.prepare()

    def load_both(quantity: int, unit: str) -> Any:
        records = [
            msgspec.structs.replace(make_record(key, quantity), meter=Meter("Meter 0", unit)) for key in (KEY, OTHER)
        ]
        return load(opened, "run", make_chunk("an account", DAYS, Scope(), records)).units

    assert load_both(1, "Minutes") == load_both(2, "Minutes") == {}
    assert load_both(2, "Hours") == {("Meter 0", "Minutes", "Hours"): 2}


def test_p5_a_row_has_the_first_of_its_month(warehouse):
    opened = open_warehouse(warehouse.uri)
    opened.prepare()
    days = make_days(29, 3)
    records = [make_record((day, "dev", "airflow", "", "Meter 0"), 1) for day in days]
    load(opened, "run", make_chunk("an account", days, Scope(), records))
    rows = warehouse.query("SELECT charge_period_start, billing_period_start FROM usage_daily ORDER BY 1")
    assert [tuple(map(str, row)) for row in rows] == [
        ("2026-10-30", "2026-10-01"),
        ("2026-10-31", "2026-10-01"),
        ("2026-11-01", "2026-11-01"),
    ]
