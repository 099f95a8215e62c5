"""P17: what each kind of try means for a day: run time, pods and bounds; and what is the same try."""

from __future__ import annotations

from datetime import date, datetime, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoves_usage_provider.allocation.pods import DagDay, add_up, measure_dags
from datacoves_usage_provider.allocation.tries import DAY, SECOND, FailedTry, Poke, TaskRuns, Try, split_by_day
from datacoves_usage_provider.window import UsageWindow

TODAY = UsageWindow(date(2026, 11, 4), date(2026, 11, 5))
THREE_DAYS = UsageWindow(date(2026, 11, 3), date(2026, 11, 6))


def at(text: str | None) -> int | None:
    """Return a moment of 4 November 2026, or of the day of November before it."""
    if text is None:
        return None
    day, _, time = text.rpartition(" ")
    moment = datetime.fromisoformat(f"2026-11-{day or '04'}T{time}").replace(tzinfo=timezone.utc)
    return int(moment.timestamp()) * SECOND


def make_try(queued: str, start: str, end: str | None, number: int = 1, task: str = "a_task") -> Try:
    return Try("a", "a_run", task, -1, number, at(queued), at(start), at(end))


def make_failed(start: str, end: str, task: str = "a_task") -> FailedTry:
    return FailedTry("a", "a_run", task, -1, at(start), at(end))


def measure(window: UsageWindow = TODAY, **runs: object) -> list[tuple[float, ...]]:
    """Return run time, pods, lower and upper bound of each day of ``window``, in seconds."""
    days = split_by_day(TaskRuns(**runs), window)
    midnight = window.timestamps[0] * SECOND
    totals = [add_up(measure_dags(day, midnight + index * DAY).values()) for index, day in enumerate(days)]
    return [
        (total.execution / SECOND, total.pods, total.lower_bound / SECOND, total.upper_bound / SECOND)
        for total in totals
    ]


NOTHING = (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        pytest.param(
            {"tries": [make_try("01:00:00", "01:00:20", "01:02:00")]},
            [NOTHING, (100, 1, 100, 120), NOTHING],
            id="plain",
        ),
        pytest.param(
            {"tries": [make_try("03 23:58:00", "03 23:58:30", "00:01:40")]},
            [(90, 1, 90, 120), (100, 0, 100, 100), NOTHING],
            id="over midnight",
        ),
        pytest.param(
            {"tries": [make_try("03 23:59:00", "00:00:00", "00:00:10")]},
            [NOTHING, (10, 1, 10, 10), NOTHING],
            id="queued before midnight and started at it",
        ),
        pytest.param(
            {"tries": [make_try("23:59:00", "23:59:10", None)]},
            [NOTHING, (50, 1, 50, 60), (86400, 0, 86400, 86400)],
            id="still running",
        ),
        pytest.param(
            {"tries": [make_try("02:30:00", "02:00:10", "02:30:50")]},
            [NOTHING, (20, 2, 0, 170), NOTHING],
            id="deferred",
        ),
        pytest.param(
            {"tries": [make_try("02:30:00", "02:00:10", "02:30:05")]},
            [NOTHING, (5, 2, 0, 125), NOTHING],
            id="deferred and then short",
        ),
        pytest.param(
            {"tries": [make_try("00:00:05", "03 23:00:00", "00:00:10")]},
            [(0, 1, 0, 120), (5, 1, 0, 5), NOTHING],
            id="deferred over midnight",
        ),
        pytest.param(
            {"tries": [make_try("05 00:00:00", "23:00:00", "05 00:00:10")]},
            [NOTHING, (0, 1, 0, 120), (10, 1, 0, 10)],
            id="deferred until midnight",
        ),
        pytest.param(
            {"tries": [make_try("23:50:00", "23:00:00", "05 00:00:10")]},
            [NOTHING, (10, 2, 0, 720), (10, 0, 0, 10)],
            id="deferred, and its end over midnight",
        ),
        pytest.param(
            {"pokes": [Poke("a", at("03 23:59:50"), at("00:00:10"))]},
            [(10, 1, 10, 70), (10, 0, 10, 10), NOTHING],
            id="poke of Airflow 2",
        ),
        pytest.param(
            {"pokes": [Poke("a", None, at("00:00:10"))]}, [NOTHING, (0, 1, 0, 60), NOTHING], id="poke of Airflow 3"
        ),
        pytest.param(
            {"failed": [make_failed("01:00:00", "01:00:30")]},
            [NOTHING, (30, 1, 30, 90), NOTHING],
            id="task_fail",
        ),
        pytest.param(
            {"tries": [make_try("01:00:00", "01:00:20", "01:00:10")]},
            [NOTHING, (0, 1, 0, 10), NOTHING],
            id="ends early",
        ),
    ],
)
def test_p17_what_a_try_means_for_each_day(runs, expected):
    assert measure(THREE_DAYS, **runs) == expected


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        pytest.param(
            [make_try("01:00:00", "01:00:20", "01:02:00"), make_try("01:00:00", "01:00:20", "01:02:00")],
            (100, 1, 100, 120),
            id="the same in both tables",
        ),
        pytest.param(
            [make_try("01:00:10", "01:00:20", "01:02:00"), make_try("01:00:00", "01:00:30", "01:03:00")],
            (160, 1, 160, 180),
            id="first queueing, first start, last end",
        ),
        pytest.param(
            [make_try("23:59:00", "23:59:10", "23:59:30"), make_try("23:59:00", "23:59:10", None)],
            (50, 1, 50, 60),
            id="no end is later than any",
        ),
        pytest.param(
            [make_try("01:00:00", "01:00:20", "01:02:00"), make_try("02:00:00", "02:00:20", "02:02:00", number=2)],
            (200, 2, 200, 240),
            id="two tries",
        ),
    ],
)
def test_p17_one_try_counts_once(tries, expected):
    assert measure(tries=tries) == [expected]
    assert measure(tries=tries[::-1]) == [expected]


@pytest.mark.parametrize(
    ("start", "pods"), [("01:00:20", 1), ("01:00:21", 1), ("01:00:19", 1), ("01:00:22", 2), ("01:00:18", 2)]
)
def test_p17_a_failed_try_that_is_known_counts_once(start, pods):
    tries = [make_try("01:00:00", "01:00:20", "01:02:00")]
    assert measure(tries=tries, failed=[make_failed(start, "01:02:00")])[0][1] == pods
    assert measure(tries=tries, failed=[make_failed(start, "01:02:00", task="another")])[0][1] == 2


MOMENT = st.integers(0, 3 * 24 * 60).map(lambda minute: at("03 00:00:00") + minute * 60 * SECOND)
TRY = st.builds(
    Try,
    st.sampled_from("ab"),
    st.just("r"),
    st.just("t"),
    st.just(-1),
    st.integers(1, 3),
    MOMENT,
    MOMENT,
    MOMENT | st.none(),
)
RUNS = st.builds(
    TaskRuns,
    st.lists(TRY, max_size=6),
    st.lists(st.builds(FailedTry, st.sampled_from("ab"), st.just("r"), st.just("t"), st.just(-1), MOMENT, MOMENT)),
    st.lists(st.builds(Poke, st.sampled_from("ab"), MOMENT | st.none(), MOMENT), max_size=4),
)


@given(runs=RUNS)
def test_p17_a_day_is_the_same_whatever_other_days_are_read_with_it(runs):
    together = split_by_day(runs, THREE_DAYS)
    apart = [split_by_day(runs, UsageWindow(*days))[0] for days in pairwise([*THREE_DAYS.days, THREE_DAYS.end])]
    assert together == apart


@given(runs=RUNS)
def test_p17_nothing_is_negative_and_bounds_are_in_order(runs):
    midnight = TODAY.timestamps[0] * SECOND
    for dag in measure_dags(split_by_day(runs, TODAY)[0], midnight).values():
        assert min(dag) >= 0
        assert dag.lower_bound <= dag.upper_bound
        assert dag.lower_bound <= dag.execution


def test_p17_no_second_is_lost_or_counted_twice_at_midnight():
    start, end = at("03 12:00:00"), at("05 12:00:00")
    tries = [Try("a", "r", "t", -1, 1, start, start, end)]
    assert sum(day[0] for day in measure(THREE_DAYS, tries=tries)) == 2 * 24 * 60 * 60
    assert sum(day[1] for day in measure(THREE_DAYS, tries=tries)) == 1


def test_p17_dags_are_measured_apart():
    runs = TaskRuns([make_try("01:00:00", "01:00:20", "01:02:00")], [], [Poke("b", None, at("01:00:00"))])
    assert measure_dags(runs, TODAY.timestamps[0] * SECOND) == {
        "a": DagDay(100 * SECOND, 1, 100 * SECOND, 120 * SECOND),
        "b": DagDay(0, 1, 0, 60 * SECOND),
    }
