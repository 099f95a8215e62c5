"""A window is the set of its days, and a scope the set of the records in it: whatever is asked of two of them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.query import ANY, Cell, Scope, UsageQuery
from datacoves_usage_provider.window import UsageWindow

MONDAY = date(2026, 11, 16)
WINDOW = UsageWindow(MONDAY, MONDAY + timedelta(days=2))
NAMES = ("a", "b")
EVERYTHING = frozenset(Cell(*names) for names in product((*NAMES, "unwanted"), repeat=3))
"""Records, as far as a scope looks at them."""

starts = st.integers(0, 6).map(lambda number: MONDAY + timedelta(days=number))
windows = st.builds(lambda start, days: UsageWindow(start, start + timedelta(days=days)), starts, st.integers(1, 4))
values = st.none() | st.sampled_from([("a",), ("b",), NAMES])
scopes = st.builds(Scope, values, values, values)


def within(scope: Scope) -> frozenset[Cell]:
    return frozenset(record for record in EVERYTHING if record in scope)


@given(windows, windows)
def test_windows_compare_as_the_sets_of_their_days(one, other):
    of_one, of_other = set(one.days), set(other.days)
    assert {day for day in of_one | of_other if day in one} == of_one
    assert one.overlaps(other) == bool(of_one & of_other)
    assert one.includes(other) == (of_one >= of_other)


@pytest.mark.parametrize("days", [0, -1])
def test_a_window_without_a_day_is_an_error(days):
    with pytest.raises(ValueError, match="must end after it starts, not 2026-11-16 to "):
        UsageWindow(MONDAY, MONDAY + timedelta(days=days))


@given(scopes, scopes)
def test_scopes_compare_as_the_sets_of_their_records(one, other):
    assert one.overlaps(other) == bool(within(one) & within(other))
    assert one.includes(other) == (within(one) >= within(other))


@given(scopes)
def test_the_cells_of_a_scope_cover_its_records_and_no_others(scope):
    def covers(cell: Cell, record: Cell) -> bool:
        return all(name in (ANY, of_record) for name, of_record in zip(cell, record, strict=True))

    covered = {record for record in EVERYTHING if any(covers(cell, record) for cell in scope.cells)}
    assert covered == within(scope)


def test_what_no_record_has_is_left_of_a_scope_and_can_be_taken_from_it():
    scope = Scope(sub_account_id=("b", "a", "c"), service_name=("x",))
    unseen = scope.find_unseen([Cell("a", "x", ""), Cell("d", "y", "")])
    assert unseen == Scope(sub_account_id=("b", "c"))
    assert scope.without(unseen) == Scope(sub_account_id=("a",), service_name=("x",))
    assert scope.without(Scope(service_name=("x",))) == Scope(sub_account_id=("b", "a", "c"), service_name=())


def test_a_value_that_is_given_twice_is_requested_once():
    assert UsageQuery(WINDOW, {"service": ("b", "a", "b")}).filters == {"service": ("b", "a")}


@pytest.mark.parametrize("wrong", ["airflow", ()])
def test_a_filter_without_a_tuple_of_values_is_an_error(wrong):
    with pytest.raises(UsageConfigError, match=r"Filter 'service' must have a tuple of at least one value, not "):
        UsageQuery(WINDOW, {"service": wrong})
