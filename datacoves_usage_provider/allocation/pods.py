"""
What tries mean for one UTC day: run time, pods, and the least and most that they can have been billed. No SQL.

A try that was deferred runs twice, in two pods: its row has the first start and the last queueing. What ran before the
deferral is not known, and what ran after it is at most the time since it was queued again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from datacoves_usage_provider.allocation.tries import DAY, SECOND, Poke, TaskRuns, Try, split_by_day
from datacoves_usage_provider.window import UsageWindow

_AFTER_DEFERRAL = 20 * SECOND
"""A deferred task that is run again has little left to do; what it waited in the queue is not told apart from it."""
_BEFORE_DEFERRAL = 120 * SECOND
"""The most that a task runs before it defers itself, start-up included."""
_STARTUP_OF_A_POKE = 60 * SECOND
"""The most that a pod takes to start where no moment of queueing is known."""


class DagDay(NamedTuple):
    """What one DAG, or all together, had on one day; microseconds, but for ``pods``."""

    execution: int = 0
    pods: int = 0
    lower_bound: int = 0
    upper_bound: int = 0

    @property
    def has_run(self) -> bool:
        """Whether it ran or started a pod; a task that only waited in the queue did neither."""
        return self.execution > 0 or self.pods > 0

    def plus(self, other: DagDay) -> DagDay:
        return DagDay(
            self.execution + other.execution,
            self.pods + other.pods,
            self.lower_bound + other.lower_bound,
            self.upper_bound + other.upper_bound,
        )


class _Day(NamedTuple):
    """From the first moment of a UTC day to the first of the next."""

    start: int
    end: int

    def overlap(self, start: int, end: int) -> int:
        return max(0, min(end, self.end) - max(start, self.start))

    def has(self, moment: int) -> bool:
        return self.start <= moment < self.end


def measure_days(runs: TaskRuns, window: UsageWindow) -> dict[date, dict[str, DagDay]]:
    """Return what each DAG had on each day of ``window``; of one try there may be several rows in ``runs``."""
    days = split_by_day(runs, window)
    first = window.timestamps[0] * SECOND
    return {
        day: measure_dags(of_day, first + index * DAY)
        for index, (day, of_day) in enumerate(zip(window.days, days, strict=True))
    }


def measure_dags(runs: TaskRuns, midnight: int) -> dict[str, DagDay]:
    """Return what each DAG had on the day that begins at ``midnight``, by dag id; ``runs`` has each try once."""
    day = _Day(midnight, midnight + DAY)
    measured: defaultdict[str, DagDay] = defaultdict(DagDay)
    for dag_id, part in _measure(runs, day):
        measured[dag_id] = measured[dag_id].plus(part)
    return dict(measured)


def add_up(parts: Iterable[DagDay]) -> DagDay:
    total = DagDay()
    for part in parts:
        total = total.plus(part)
    return total


def _measure(runs: TaskRuns, day: _Day) -> Iterator[tuple[str, DagDay]]:
    for one in runs.tries:
        yield one.dag_id, (_measure_deferred if one.queued > one.start else _measure_try)(one, day)
    for failed in runs.failed:
        yield failed.dag_id, _measure_unqueued(failed.start, failed.end, day)
    for poke in runs.pokes:
        yield poke.dag_id, _measure_poke(poke, day)


def _measure_try(one: Try, day: _Day) -> DagDay:
    end = day.end if one.end is None else one.end
    execution = day.overlap(one.start, end)
    return DagDay(execution, day.has(one.start), execution, day.overlap(one.queued, end))


def _measure_deferred(one: Try, day: _Day) -> DagDay:
    end = day.end if one.end is None else one.end
    resumed = max(one.queued, end - _AFTER_DEFERRAL)
    is_first_day = day.has(one.start)
    return DagDay(
        execution=day.overlap(resumed, end),
        pods=is_first_day + day.has(resumed),
        upper_bound=day.overlap(one.queued, end) + is_first_day * _BEFORE_DEFERRAL,
    )


def _measure_poke(poke: Poke, day: _Day) -> DagDay:
    if poke.start is not None:
        return _measure_unqueued(poke.start, poke.end, day)
    is_its_day = day.has(poke.end)
    return DagDay(pods=is_its_day, upper_bound=is_its_day * _STARTUP_OF_A_POKE)


def _measure_unqueued(start: int, end: int, day: _Day) -> DagDay:
    execution = day.overlap(start, end)
    is_first_day = day.has(start)
    return DagDay(execution, is_first_day, execution, execution + is_first_day * _STARTUP_OF_A_POKE)
