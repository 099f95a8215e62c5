"""P4: to read a large chunk again needs hardly more memory than to load it for the first time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.warehouse.changes import LoadCounts
from tests.drills.memory import measure_memory
from tests.warehouse_proofs.loading import load, make_chunk, make_days, make_record, open_warehouse
from tests.warehouse_proofs.processes import CONTEXT

DAYS = make_days(0, 31)


def make_records(count: int) -> Iterator[UsageRecord]:
    """Yield about ``count`` records of the month, as many on each day."""
    for day in DAYS:
        for n in range(count // len(DAYS)):
            yield make_record((day, f"env {n // 3}", ("airflow", "airbyte", "unknown")[n % 3], "", "Meter"), n)


def load_and_measure(uri: str, count: int) -> tuple[LoadCounts, float]:
    """Return what a load changed, and by how many MB this process grew, its records included."""
    opened = open_warehouse(uri)
    with measure_memory() as measure:
        counts = load(opened, "a run", make_chunk("an account", DAYS, Scope(), make_records(count))).count()
        return counts, measure()


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)  # its client may hold all rows that it asked for
def test_p4_reading_again_needs_hardly_more_memory_than_a_first_load(warehouse, is_large):
    open_warehouse(warehouse.uri).prepare()
    count = 620_000 if is_large else 155_000
    measured = []
    for _ in range(2):
        with CONTEXT.Pool(1) as pool:  # memory that a process has had once is not counted again
            measured.append(pool.apply(load_and_measure, (warehouse.uri, count)))
    (first, first_mb), (again, again_mb) = measured
    assert (first, again) == (LoadCounts(count // 31 * 31, 0, 0), LoadCounts(0, 0, 0))
    print(f"first load {first_mb:.0f} MB, read again {again_mb:.0f} MB")  # noqa: T201
    assert again_mb <= 1.3 * first_mb
