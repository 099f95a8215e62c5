"""P3, P4 and P11: what an API holds is what is read, kept and totalled, to the last decimal, over any window."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import pytest

from datacoves_usage_provider.query import UsageQuery
from tests.support.truth import days, loaded, logged_days, make_totals, take, truth

START = date(2024, 12, 20)
LENGTHS = (1, 30, 31, 32, 62, 63, 181, 400)
ON_EACH_DATABASE = [("sqlite", length) for length in LENGTHS] + [("postgres", length) for length in (1, 32, 63)]


@pytest.mark.parametrize(("warehouse", "length"), ON_EACH_DATABASE, indirect=["warehouse"])
def test_p3_p4_p11_what_the_api_holds_is_kept_and_totalled(api, collect, warehouse, length):
    asked = UsageQuery(days(START, length))
    held = truth(api, asked)
    result = collect(start=str(asked.window.start), end=str(asked.window.end))
    assert loaded(warehouse) == held
    assert logged_days(warehouse) == [str(day) for day in asked.window.days]
    assert result["totals"] == make_totals(held, but=() if length == 1 else ("Unique Rows",))
    assert result["loaded"] == {"days": length, "records": len(held), "added": len(held), "changed": 0, "removed": 0}
    assert result["window"] == {"start": str(asked.window.start), "end": str(asked.window.end)}
    assert json.loads(json.dumps(result)) == result


@pytest.mark.parametrize("length", [1, 31, 32, 63])
def test_p4_chunks_partition_the_window_and_count_their_requests(api, simulator, hook, length):
    asked = UsageQuery(days(START, length))
    chunks = list(hook.read(asked))
    assert [day for chunk in chunks for day in chunk.days] == list(asked.window.days)
    assert max(len(chunk.days) for chunk in chunks) <= 31
    assert all({record.charge_period_start for record in chunk.records} <= set(chunk.days) for chunk in chunks)
    assert take(record for chunk in chunks for record in chunk.records) == truth(api, asked)
    assert sum(chunk.requests for chunk in chunks) == len(simulator.requests)
    assert sum(chunk.retries for chunk in chunks) == 0


def test_p3_each_of_some_filters(case, api, collect, sqlite_warehouse):
    for number, filters in enumerate(case.filters):
        asked = UsageQuery(days(date(2025, 3 + number, 1), 20), filters)
        held = truth(api, asked)
        result = collect(start=str(asked.window.start), end=str(asked.window.end), filters=filters)
        assert held
        assert result["totals"] == make_totals(held)
        within = f"charge_period_start >= '{asked.window.start}' AND charge_period_start < '{asked.window.end}'"
        assert loaded(sqlite_warehouse, within) == held


def test_p14_the_last_line_has_the_totals_of_all_meters(api, collect, sqlite_warehouse, printed):
    asked = UsageQuery(days(START, 1))
    collect(start=str(asked.window.start), end=str(asked.window.end))
    line = printed()[-1]
    sums: Counter[str] = Counter()
    for key, amount in truth(api, asked).items():
        sums[key.meter.removeprefix("Worker ")] += amount.quantity
        if amount.currency is not None:
            sums[amount.currency] += amount.cost
    assert [noun for noun, number in sums.items() if f"{number.normalize():,f} {noun}" not in line] == []
    assert (" for " in line) == ("USD" in sums)


def test_p7_a_time_without_usage_is_logged(api, collect, sqlite_warehouse):
    """Nothing was used before 2024."""
    asked = UsageQuery(days(date(2023, 6, 1), 33))
    collect(start=str(asked.window.start), end=str(asked.window.end))
    held = truth(api, asked)
    assert {amount.quantity for amount in held.values()} <= {0}
    assert loaded(sqlite_warehouse) == held
    assert logged_days(sqlite_warehouse) == [str(day) for day in asked.window.days]
