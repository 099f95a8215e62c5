"""The pseudo-random usage: the same everywhere, and exact to the millionth of a compute unit and to the millisecond."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from datacoves_usage_provider.simulator import B3os

DAY = date(2026, 3, 2)
FIRST, LAST = 1772409600000, 1772495999999
WORKFLOW = "wf_8c1f0a2b"
YEAR = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]


def test_it_is_the_same_in_every_process_and_on_every_machine(api):
    days = [date(2026, 3, day) for day in (2, 3, 5, 6)]
    usage = [("7.281537", 10), ("0", 0), ("1.695716", 3), ("10.782861", 10)]
    assert [api.usage(WORKFLOW, day) for day in days] == [(Decimal(units), runs) for units, runs in usage]


def test_runs_lie_within_their_day_and_none_in_its_last_millisecond(api, midnight):
    for workflow in api.workflows:
        for day in YEAR:
            moments = [run.at - midnight(day) for run in api.runs(workflow.id, day)]
            assert moments == sorted(set(moments))
            assert not moments or (moments[0], moments[-1]) == (0, 86_400_000 - 2)


def test_some_days_have_no_run_and_compute_units_have_up_to_six_places(api):
    found = [api.usage(WORKFLOW, day) for day in YEAR]
    assert 40 < found.count((0, 0)) < 110
    places = [-run.compute_units.as_tuple().exponent for day in YEAR for run in api.runs(WORKFLOW, day)]
    assert max(places) == 6 > min(places)


def test_nothing_before_2024_and_nothing_after_now():
    api = B3os(now=lambda: datetime(2026, 3, 2, tzinfo=timezone.utc))
    api.restate(WORKFLOW, DAY, Decimal(1), Decimal(1))
    assert api.runs(WORKFLOW, date(2023, 12, 31)) == api.runs(WORKFLOW, date(2026, 3, 3)) == ()
    assert [run.at for run in api.runs(WORKFLOW, DAY)] == [FIRST]


def test_the_running_day_grows_until_midnight(api):
    def runs_at(hour, day=2):
        api.now = lambda: datetime(2026, 3, day, hour, tzinfo=timezone.utc)
        return api.usage(WORKFLOW, DAY).runs

    api.restate(WORKFLOW, DAY, *[Decimal(1)] * 5)
    assert [runs_at(0), runs_at(12), runs_at(18), runs_at(0, day=3)] == [1, 3, 4, 5]


@pytest.mark.parametrize(
    ("units", "text"),
    [
        ([], "0"),
        (["0"], "0"),
        (["0.0000001"], "0.0000001"),
        (["0.1", "0.2"], "0.3"),
        (["1E+3"], "1000"),
        (["12345678901234567890", "0.123456789012345678"], "12345678901234567890.123456789012345678"),
    ],
)
def test_compute_units_are_added_and_written_digit_by_digit(get, api, units, text):
    api.restate(WORKFLOW, DAY, *map(Decimal, units))
    assert api.usage(WORKFLOW, DAY) == (Decimal(text), len(units))
    assert f'"totalCu":{text},"triggerType":"schedule","workflowId":"{WORKFLOW}"' in get(FIRST, LAST).text


def test_the_total_is_that_of_the_days_and_its_end_is_exclusive(api):
    found = [api.usage(WORKFLOW, day) for day in YEAR[:31]]
    whole = api.total(WORKFLOW, YEAR[0], YEAR[31])
    assert whole == (sum(one.compute_units for one in found), sum(one.runs for one in found))
    assert api.total(WORKFLOW, DAY, DAY) == (0, 0)


def test_restating_one_day_leaves_the_others(api):
    before = [api.usage(WORKFLOW, day) for day in YEAR]
    api.restate(WORKFLOW, YEAR[7], Decimal(999))
    assert [number for number, day in enumerate(YEAR) if api.usage(WORKFLOW, day) != before[number]] == [7]
    assert B3os(now=api.now).usage(WORKFLOW, YEAR[7]) == before[7]
