"""Which days a task collects or allocates, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timezone

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.operators.arguments import CollectArguments
from datacoves_usage_provider.window import ONE_DAY, UsageWindow


@dataclass(frozen=True)
class CollectionPlan:
    """
    The windows of one task. ``current`` is loaded before ``missed``, so a missed day that fails does not stop it.

    ``current`` is the ``period`` and the days before it that are read again; ``missed`` are days that the load log
    lacks. ``is_whole_month``: ``period="month"`` was given, not ``start`` and ``end``, and the month was not cut.
    """

    period: UsageWindow
    current: UsageWindow
    missed: tuple[UsageWindow, ...]
    is_whole_month: bool

    @property
    def days(self) -> int:
        return sum(len(window.days) for window in (self.current, *self.missed))


def make_plan(period: UsageWindow, arguments: CollectArguments, missing: Iterable[date]) -> CollectionPlan:
    """Return what to load for ``period``; ``missing`` are the days before it that the load log lacks."""
    current = UsageWindow(period.start - ONE_DAY * arguments.lookback_days, period.end)
    return CollectionPlan(
        period,
        current,
        tuple(group_days(day for day in missing if day not in current)),
        is_whole_month=arguments.window is None and arguments.period == "month" and period.end.day == 1,
    )


def cut_to_complete_days(window: UsageWindow, now: datetime) -> UsageWindow:
    """Return the days of ``window`` that are over at ``now``; a ``UsageConfigError`` if none is."""
    today = now.astimezone(timezone.utc).date()
    if window.start >= today:
        raise UsageConfigError(
            f"{window} has no complete day yet. The last complete UTC day is {today - ONE_DAY}, and the usage of a day "
            "that is still running is never read."
        )
    return UsageWindow(window.start, min(window.end, today))


def days_before(window: UsageWindow, count: int) -> tuple[date, ...]:
    """Return the ``count`` days before ``window``, oldest first."""
    return tuple(window.start - ONE_DAY * n for n in range(count, 0, -1))


def group_days(days: Iterable[date]) -> Iterator[UsageWindow]:
    """Yield the windows that ``days``, in any order, make up, oldest first: one for each unbroken run of days."""
    run: list[date] = []
    for day in sorted(set(days)):
        if run and day != run[-1] + ONE_DAY:
            yield UsageWindow(run[0], run[-1] + ONE_DAY)
            run = []
        run.append(day)
    if run:
        yield UsageWindow(run[0], run[-1] + ONE_DAY)
