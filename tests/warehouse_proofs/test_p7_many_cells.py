"""P7: what a load log with many cells costs, counted in calls, which no busy machine changes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any

import pytest

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.query import Cell, CellsByDay, Scope
from tests.warehouse_proofs.loading import PROVIDER, load, make_chunk, make_days, make_record, open_warehouse

SIZES = {(40, 50): 2_000, (20, 500): 10_000}
DAYS = make_days(0, 8)


def make_scope(accounts: int, resources: int) -> Scope:
    return Scope(
        sub_account_id=tuple(f"account {n}" for n in range(accounts)),
        resource_id=tuple(f"resource {n}" for n in range(resources)),
    )


def count_calls(work: Callable[[], Any]) -> tuple[Any, int]:
    calls = 0

    def note(_: Any, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    gc.disable()  # what it frees of other tests may call their finalizers
    sys.setprofile(note)
    try:
        return work(), calls
    finally:
        sys.setprofile(None)
        gc.enable()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_p7_looking_for_many_cells_takes_a_few_calls_for_each(size):
    scope = make_scope(*size)
    cells = list(scope.cells)
    loaded = CellsByDay({day: set(cells) for day in DAYS})
    for wanted, is_there in ((cells[-1], True), (cells[-1]._replace(service_name="airflow"), True), (Cell(), False)):
        found, calls = count_calls(lambda wanted=wanted: loaded.have(DAYS[0], wanted))
        assert found == is_there
        assert calls < 20
    found, calls = count_calls(lambda: all(loaded.have(day, cell) for day in DAYS for cell in cells))
    assert found
    assert calls < 20 * len(DAYS) * SIZES[size]


def test_p7_a_wide_load_after_narrow_ones_does_little_under_the_lock_for_each_record(warehouse):
    opened = open_warehouse(warehouse.uri)
    opened.prepare()
    calls = {}
    for size in ((10, 10), (10, 50)):
        scope, account = make_scope(*size), f"account {size}"
        load(opened, "narrow", make_chunk(account, DAYS, scope, ()))
        assert opened.prepare_and_find_missing_days(BillingAccount(PROVIDER, account), DAYS, scope) == []
        keys = [
            (day, cell.sub_account_id, "airflow", cell.resource_id, "Meter 0") for day in DAYS for cell in scope.cells
        ]
        chunk = make_chunk(account, DAYS, Scope(), (make_record(key, 1) for key in keys))
        changes, calls[size] = count_calls(lambda chunk=chunk: load(opened, "wide", chunk))
        assert changes.count().added == len(keys)
    # Five times the cells: were each compared with each, it would be 25 times the calls.
    assert calls[10, 50] / calls[10, 10] < 6
    ((revisions,),) = warehouse.query(
        "SELECT count(*) FROM usage_revision WHERE billing_account_id = 'account (10, 50)'"
    )
    assert revisions == len(DAYS) * 500
