"""
Which day, or month, a run collects: the same for every timetable, kind of run and Airflow major.

Only attributes that mean the same on Airflow 2 and 3 are read; ``ds``, ``logical_date`` and
``data_interval_start`` differ by a day between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timezone
from typing import Any, Literal

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.window import ONE_DAY, UsageWindow, day_window, month_window, parse_day

Period = Literal["day", "month"]

_MONTH = re.compile(r"\d{4}-\d\d(?!-?\d)", re.ASCII)
"""A partition key that starts with a month, but not with a day."""

_WINDOW_OF: dict[Period, Callable[[datetime], UsageWindow]] = {"day": day_window, "month": month_window}


def get_period(dag_run: Any, period: Period, now: datetime) -> UsageWindow:
    """
    Return the day or month that ``dag_run`` is to collect.

    A partitioned run collects its own partition; one that is not over at ``now``, or a month where ``period`` is
    ``"day"``, is a ``UsageConfigError``.
    Any other run collects the last complete period before its anchor: ``data_interval_end``, else
    ``run_after``, else ``now``. All moments carry a time zone.
    """
    window_of = _WINDOW_OF[period]
    partition = _get_partition(dag_run, period)
    if partition is not None:
        return _check_over(window_of(partition), now)
    anchor = getattr(dag_run, "data_interval_end", None) or getattr(dag_run, "run_after", None) or now
    return window_of(_midnight(window_of(anchor).start) - ONE_DAY)


def _get_partition(dag_run: Any, period: Period) -> datetime | None:
    moment: datetime | None = getattr(dag_run, "partition_date", None)
    if moment is not None:
        return moment
    key = getattr(dag_run, "partition_key", None) or ""
    month = _MONTH.match(key)
    try:
        first = _midnight(parse_day(f"{month[0]}-01" if month else key[:10]))
    except ValueError:
        return None
    if month and period == "day":
        raise UsageConfigError(
            f"The partition {key!r} is a month, of which period='day' cannot choose a day: set period='month', "
            "or let the partition keys be days, YYYY-MM-DD."
        )
    return first


def _check_over(partition: UsageWindow, now: datetime) -> UsageWindow:
    if _midnight(partition.end) > now:
        raise UsageConfigError(
            f"The partition {partition} is not over, so its usage is not known yet. "
            "Let the timetable name the day before: CronPartitionTimetable(..., run_offset=-1)."
        )
    return partition


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.utc)
