"""P4: to read a large chunk again needs hardly more memory than to load it for the first time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.warehouse.changes import LoadCounts
from tests.drills.memory import measure_memory
from tests.warehouse_proofs.loading import load, make_chunk, make_days, make_record, open_warehouse

DAYS = make_days(0, 31)


def make_records(count: int) -> Iterator[UsageRecord]:
    """Yield about ``count`` records of the month, as many on each day."""
    for day in DAYS:
        for n in range(count // len(DAYS)):
            yield make_record((day, f"env {n // 3}", ("airflow", "airbyte", "unknown")[n % 3], "", "Meter"), n)


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)  # a client may hold all rows that it asked for
def test_p4_reading_again_needs_hardly_more_memory_than_a_first_load(warehouse, is_large):
    opened = open_warehouse(warehouse.uri)
    opened.prepare()
    count = 620_000 if is_large else 155_000
    grown: list[float] = []

    def load_all() -> Any:
        with measure_memory() as measure:
            counts = load(opened, "a run", make_chunk("an account", DAYS, Scope(), make_records(count))).count()
            grown.append(measure())
        gc.collect()
        return counts

    in_all = count // 31 * 31
    assert [load_all(), load_all()] == [LoadCounts(in_all, 0, 0), LoadCounts(0, 0, 0)]
    print(f"first load {grown[0]:.0f} MB, read again {grown[1]:.0f} MB")  # noqa: T201
    assert grown[1] <= 1.3 * grown[0]
