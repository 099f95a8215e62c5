"""``make bench-forecast`` with the first series of each kind."""

from __future__ import annotations

from itertools import islice

from benchmarks.forecast import find_misses, judge, write_table
from benchmarks.invented import SERIES_OF_A_KIND, make_all


def test_the_forecast_and_its_range_are_as_good_as_when_they_were_chosen() -> None:
    outcomes = [outcome for _, series in islice(make_all(), None, None, SERIES_OF_A_KIND) for outcome in judge(series)]
    assert find_misses(outcomes) == []
    assert len(write_table(outcomes).splitlines()) == 8


def test_a_range_that_is_too_narrow_and_errors_that_are_too_large_are_told() -> None:
    (_, series), *_ = make_all()
    worse = [outcome._replace(error=0.06, is_within=False) for outcome in judge(series)]
    assert [miss.split(" ")[-1] for miss in find_misses(worse)] == ["5%.", "87%."]
