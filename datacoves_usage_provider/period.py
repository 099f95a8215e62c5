"""
Which day, or month, a run collects: the same for every timetable, kind of run and Airflow major.

Only attributes that mean the same on Airflow 2 and 3 are read; ``ds``, ``logical_date`` and
``data_interval_start`` differ by a day between the two.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from typing import Any

import pendulum

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.window import Period, UsageWindow, parse_day, utc_period

_MONTH = re.compile(r"\d{4}-\d\d(?!-?\d)", re.ASCII)
"""A partition key that starts with a month, but not with a day."""


def get_period(dag_run: Any, period: Period, now: datetime) -> UsageWindow:
    """
    Return the day or month that ``dag_run`` is to collect.

    A partitioned run collects its own partition; one that is not over at ``now``, or a month where ``period`` is
    ``"day"``, is a ``UsageConfigError``.

    Any other run collects the last complete period before its anchor. That is the first that it has of
    ``data_interval_end``, ``run_after`` and ``now``. All moments have a time zone.
    """
    partition = _get_partition(dag_run, period)
    if partition is not None:
        return _check_over(utc_period(partition, period), now)
    anchor = getattr(dag_run, "data_interval_end", None) or getattr(dag_run, "run_after", None) or now
    running_since = pendulum.instance(anchor).in_timezone("UTC").start_of(period)
    return utc_period(running_since.subtract(days=1), period)


def get_last_complete_day(dag_run: Any, now: datetime) -> date:
    """Return the last day that ``dag_run`` may know whole: that of ``get_period``, or the day before ``now``."""
    return min(get_period(dag_run, "day", now).start, get_period(None, "day", now).start)


def _get_partition(dag_run: Any, period: Period) -> datetime | None:
    moment: datetime | None = getattr(dag_run, "partition_date", None)
    if moment is not None:
        return moment
    key = getattr(dag_run, "partition_key", None) or ""
    month = _MONTH.match(key)
    try:
        first = parse_day(f"{month[0]}-01" if month else key[:10])
    except ValueError:
        return None
    if month and period == "day":
        raise UsageConfigError(
            f"The partition {key!r} is a month, but the task needs a day. Make the partition keys days, YYYY-MM-DD, or "
            "set period='month' if the operator has that argument."
        )
    return pendulum.datetime(first.year, first.month, first.day)


def _check_over(partition: UsageWindow, now: datetime) -> UsageWindow:
    if partition.end > now.astimezone(timezone.utc).date():
        raise UsageConfigError(
            f"The partition {partition} is not over, so its usage is not known yet. "
            "Let the timetable name the one before: CronPartitionTimetable(..., run_offset=-1)."
        )
    return partition
