"""Runs of workflows and the compute units they take: the same on every machine, to the millisecond, since 2024."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from datacoves_usage_provider.simulator.b3os_workflows import WORKFLOWS, Workflow
from datacoves_usage_provider.simulator.days import ONE_DAY, days_between
from datacoves_usage_provider.simulator.exact import add, millionths
from datacoves_usage_provider.simulator.made_up import FIRST_DAY, draw, utc_now

LAST_RUN = timedelta(hours=24, milliseconds=-2)

_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Run(NamedTuple):
    """``at``: unix milliseconds."""

    at: int
    compute_units: Decimal


class WorkflowUsage(NamedTuple):
    """Sums over runs."""

    compute_units: Decimal
    runs: int


@dataclass(kw_only=True)
class WorkflowRuns:
    """What really ran, for tests to compare with. ``now`` is the clock, in UTC."""

    now: Callable[[], datetime] = utc_now
    workflows: tuple[Workflow, ...] = WORKFLOWS
    _restated: dict[tuple[str, date], tuple[Run, ...]] = field(default_factory=dict, init=False, repr=False)

    def runs(self, workflow_id: str, day: date) -> tuple[Run, ...]:
        """Return the runs of a UTC day, of today those until now."""
        runs = self._restated.get((workflow_id, day))
        runs = runs_of_whole_day(workflow_id, day) if runs is None else runs
        now = to_milliseconds(self.now())
        return tuple(run for run in runs if run.at <= now)

    def usage(self, workflow_id: str, day: date) -> WorkflowUsage:
        return add_up(self.runs(workflow_id, day))

    def total(self, workflow_id: str, start: date, end: date) -> WorkflowUsage:
        """Return the usage of the UTC days from ``start`` up to, but not including, ``end``."""
        return add_up(run for day in days_between(start, end) for run in self.runs(workflow_id, day))

    def restate(self, workflow_id: str, day: date, *compute_units: Decimal) -> None:
        """Correct a day: one run for each number of compute units, the first at its first millisecond; none: no run."""
        self._restated[workflow_id, day] = tuple(_spread(day, compute_units))

    def runs_within(self, workflow_id: str, start: int, end: int) -> Iterator[Run]:
        """The runs from unix millisecond ``start`` up to, but not including, ``end``."""
        first = max(start, to_milliseconds(_midnight(FIRST_DAY)))
        stop = min(end, to_milliseconds(self.now()) + 1)
        if first < stop:
            for day in days_between(_day_of(first), _day_of(stop - 1) + ONE_DAY):
                yield from (run for run in self.runs(workflow_id, day) if first <= run.at < stop)


def add_up(runs: Iterable[Run]) -> WorkflowUsage:
    found = list(runs)
    return WorkflowUsage(add(run.compute_units for run in found), len(found))


def to_milliseconds(moment: datetime) -> int:
    """Return the unix milliseconds that are over."""
    return (moment - _EPOCH) // _MILLISECOND


@lru_cache(maxsize=1 << 14)
def runs_of_whole_day(workflow_id: str, day: date) -> tuple[Run, ...]:
    """
    Return the runs of one complete UTC day: none on one day in five, and none before 2024.

    The first one is at the first millisecond of the day, and the last one at the last but one.
    """
    chance, size = draw(f"{workflow_id}/{day.toordinal()}")
    if day < FIRST_DAY or chance < 0.2:
        return ()
    names = (f"{workflow_id}/{day.toordinal()}/{number}" for number in range(2 + int(11 * size)))
    return tuple(_spread(day, [millionths(1 + int(2_000_000 * draw(name)[0])) for name in names]))


def _spread(day: date, compute_units: Iterable[Decimal]) -> Iterator[Run]:
    """Make a run of each number: the first at the first millisecond of the day, the last at the last but one."""
    numbers = list(compute_units)
    start, gaps = _midnight(day), max(1, len(numbers) - 1)
    for number, units in enumerate(numbers):
        yield Run(to_milliseconds(start + LAST_RUN * number / gaps), units)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.utc)


def _day_of(milliseconds: int) -> date:
    return (_EPOCH + _MILLISECOND * milliseconds).date()
