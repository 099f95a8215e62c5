"""Which days a task loads: its period, those before it that are read again, and those that were missed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timezone

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.window import ONE_DAY, UsageWindow


def cut_to_complete_days(window: UsageWindow, now: datetime, log: logging.Logger) -> UsageWindow:
    """Return the days of ``window`` that are over at ``now``, with a warning if some are not; an error if none is."""
    today = now.astimezone(timezone.utc).date()
    if window.end <= today:
        return window
    if window.start >= today:
        raise UsageConfigError(
            f"Nothing of {window} can be collected yet: the last complete UTC day is {today - ONE_DAY}, and the "
            "usage of a day that is still running is never loaded."
        )
    cut = UsageWindow(window.start, today)
    log.warning("%s is cut to %s: a day that is still running is never loaded.", window, cut)
    return cut


def days_before(window: UsageWindow, count: int) -> tuple[date, ...]:
    """Return the ``count`` days before ``window``, oldest first."""
    return tuple(window.start - ONE_DAY * n for n in range(count, 0, -1))


def group_days(days: Iterable[date]) -> Iterator[UsageWindow]:
    """Yield the windows that ``days``, in any order, make up, oldest first: one for each unbroken run of days."""
    run: list[date] = []
    for day in sorted(set(days)):
        if run and day != run[-1] + ONE_DAY:
            yield _span(run)
            run = []
        run.append(day)
    if run:
        yield _span(run)


def _span(run: Sequence[date]) -> UsageWindow:
    return UsageWindow(run[0], run[-1] + ONE_DAY)
