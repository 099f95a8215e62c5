"""UTC days: as a client writes them, and one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_day(text: str) -> date | None:
    """Return the day written as ``YYYY-MM-DD``; None for anything else."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def days_between(start: date, end: date) -> Iterator[date]:
    """The days from ``start`` up to, but not including, ``end``."""
    return days_from(start, (end - start).days)


def days_from(start: date, count: int) -> Iterator[date]:
    return (start + timedelta(days=number) for number in range(count))


def months_between(start: date, end: date) -> Iterator[date]:
    """The first days of the months that have days from ``start`` up to, but not including, ``end``."""
    month = start.replace(day=1)
    while month < end:
        yield month
        month = next_month(month)


def next_month(day: date) -> date:
    """Return the first day of the month after that of ``day``."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
