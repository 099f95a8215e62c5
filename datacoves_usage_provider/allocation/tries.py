"""What ran in an Airflow, as its tables have it. Moments are microseconds since 1970 in UTC; no SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from datacoves_usage_provider.window import UsageWindow

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
_SAME_START = SECOND
"""A row of ``task_fail`` that starts this near to a try of its task instance is that try."""

TaskKey = tuple[str, str, str, int]
"""The dag id, run id, task id and map index of a task instance."""


class Try(NamedTuple):
    """One try of a task instance that was queued, so that it had a pod; ``end`` is None while it runs."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int
    queued: int
    start: int
    end: int | None

    @property
    def key(self) -> TaskKey:
        return self[:4]


class FailedTry(NamedTuple):
    """A try of which only ``task_fail`` tells: it has neither a number nor a moment of queueing."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    start: int
    end: int

    @property
    def key(self) -> TaskKey:
        return self[:4]


class Poke(NamedTuple):
    """An earlier poke of a sensor that rescheduled itself; ``start`` is None where it is not known (Airflow 3)."""

    dag_id: str
    start: int | None
    end: int


@dataclass(frozen=True)
class TaskRuns:
    """What ran, in any order; of one try there may be several rows, from different tables."""

    tries: Sequence[Try] = ()
    failed: Sequence[FailedTry] = ()
    pokes: Sequence[Poke] = ()

    def merged(self) -> TaskRuns:
        """Return the same with each try once."""
        tries = _merge(self.tries)
        return TaskRuns(tries, list(_without_known(self.failed, tries)), self.pokes)


def split_by_day(runs: TaskRuns, window: UsageWindow) -> list[TaskRuns]:
    """
    Return for each day of ``window`` what may have run on it, each try once.

    What a day gets does not depend on the other days of ``window``.
    """
    first, last = (seconds * SECOND for seconds in window.timestamps)
    days = [TaskRuns([], [], []) for _ in window.days]
    for kind in ("tries", "failed", "pokes"):
        for run in getattr(runs, kind):
            begin = run.end if run.start is None else run.start
            end = last if run.end is None else run.end
            for index in range(max(begin - first, 0) // DAY, min((end - first) // DAY, len(days) - 1) + 1):
                getattr(days[index], kind).append(run)
    return [day.merged() for day in days]


def _merge(tries: Iterable[Try]) -> list[Try]:
    """Return one try for each task instance and number: queued and started first, and ended last, of its rows."""
    merged: dict[tuple[TaskKey, int], Try] = {}
    for one in tries:
        known = merged.setdefault((one.key, one.try_number), one)
        if known is not one:
            merged[one.key, one.try_number] = _join(known, one)
    return list(merged.values())


def _join(one: Try, other: Try) -> Try:
    return one._replace(
        queued=min(one.queued, other.queued),
        start=min(one.start, other.start),
        end=None if one.end is None or other.end is None else max(one.end, other.end),
    )


def _without_known(failed: Iterable[FailedTry], tries: Iterable[Try]) -> Iterator[FailedTry]:
    """Yield those that are not one of ``tries``."""
    starts: defaultdict[TaskKey, list[int]] = defaultdict(list)
    for one in tries:
        starts[one.key].append(one.start)
    for fail in failed:
        if not any(abs(start - fail.start) <= _SAME_START for start in starts.get(fail.key, ())):
            yield fail
