"""Runs of workflows and their compute units: pseudo-random, the same on every machine, to the millisecond."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from datacoves_usage_provider.simulator.usage import (
    FIRST_DAY,
    ONE_DAY,
    add_exactly,
    days_between,
    draw,
    millionths,
    utc_now,
)

_MILLISECOND = timedelta(milliseconds=1)
_LAST_RUN = ONE_DAY - 2 * _MILLISECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Workflow:
    """A workflow as the API lists it."""

    id: str
    name: str
    status: str = "active"
    trigger_type: str = "schedule"
    is_stream: bool = False
    cu_per_hour: Decimal = Decimal("0.25")


WORKFLOWS = (
    Workflow("wf_8c1f0a2b", "Daily report"),
    Workflow("wf_27d94e6c", "Price watcher", trigger_type="cron", cu_per_hour=Decimal("1.5")),
    Workflow("wf_b05a3f71", "Webhook “orders”", trigger_type="webhook", cu_per_hour=Decimal("0.125")),
    Workflow("wf_e69d18c4", "Event stream", trigger_type="event", is_stream=True, cu_per_hour=Decimal(12)),
    Workflow("wf_40f7b2d8", "Old import", status="archived", trigger_type="manual", cu_per_hour=Decimal("0.000001")),
)


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
        """Return the runs of a UTC day (of today: until now)."""
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
        """Correct a day: one run for each number of ``compute_units``, the first at its first millisecond."""
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
    return WorkflowUsage(add_exactly(run.compute_units for run in found), len(found))


def to_milliseconds(moment: datetime) -> int:
    """Return the unix milliseconds that are over."""
    return (moment - _EPOCH) // _MILLISECOND


@lru_cache(maxsize=1 << 14)
def runs_of_whole_day(workflow_id: str, day: date) -> tuple[Run, ...]:
    """
    Return the runs of one complete UTC day: none on one day in five.

    The first run is at the first millisecond of the day, and the last run at the last but one.
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
        yield Run(to_milliseconds(start + _LAST_RUN * number / gaps), units)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.utc)


def _day_of(milliseconds: int) -> date:
    return (_EPOCH + _MILLISECOND * milliseconds).date()
