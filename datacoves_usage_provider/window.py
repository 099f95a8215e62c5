"""Whole UTC days, half-open: the only notion of time that usage has here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

import pendulum

Period = Literal["day", "month"]
ONE_DAY = timedelta(days=1)

_TIMESTAMP = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d)"
    r"(:([0-5]\d|60)([.,]\d+)?)?"
    r"(?P<offset>Z|[+-]\d\d(:?\d\d)?)?",
    re.IGNORECASE | re.ASCII,
)


def parse_day(text: str) -> date:
    """Read ``YYYY-MM-DD`` and nothing else; a ``ValueError`` otherwise."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(f"{text!r} is not of the form YYYY-MM-DD")
    return day


@lru_cache(maxsize=1024)  # records of a day share few timestamps
def utc_day(text: str) -> date:
    """
    Return the UTC day of an ISO 8601 timestamp or date; a ``ValueError`` if it is neither.

    A timestamp with an offset is converted, one without is UTC. Seconds and their fractions are checked but
    not used: offsets are whole minutes, so they cannot move a moment into another day, and rounding them could.
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return parse_day(text)
    if (match["offset"] or "Z") in "Zz":
        return date.fromisoformat(text[:10])
    moment = datetime.fromisoformat(match["minute"].upper())
    try:
        return (moment - _offset(match["offset"])).date()
    except OverflowError as error:
        raise ValueError(f"{text!r} lies outside of the calendar") from error


def _offset(text: str) -> timedelta:
    return datetime.strptime(text.ljust(5, "0"), "%z").utcoffset() or timedelta()


@dataclass(frozen=True)
class UsageWindow:
    """The UTC days from ``start`` up to, but not including, ``end``; at least one."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"a usage window must end after it starts, not {self.start} to {self.end} (end exclusive)")

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.start + ONE_DAY * n for n in range((self.end - self.start).days))

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def overlaps(self, other: UsageWindow) -> bool:
        return self.start < other.end and other.start < self.end

    def includes(self, other: UsageWindow) -> bool:
        return self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        last = self.end - ONE_DAY
        return str(self.start) if last == self.start else f"{self.start} to {last}"

    @property
    def timestamps(self) -> tuple[int, int]:
        """Unix seconds of its first midnight, and of the midnight that ends it."""
        return _to_timestamp(self.start), _to_timestamp(self.end)

    def chunks(self, max_days: int) -> Iterator[UsageWindow]:
        """Yield windows of at most ``max_days`` days that partition this one, oldest first."""
        start = self.start
        while start < self.end:
            end = min(start + ONE_DAY * max_days, self.end)
            yield UsageWindow(start, end)
            start = end


def utc_period(moment: datetime, unit: Period) -> UsageWindow:
    """Return the UTC day or month that ``moment`` (with a time zone) lies in."""
    start = pendulum.instance(moment).in_timezone("UTC").start_of(unit)
    return UsageWindow(_to_date(start), _to_date(start.add(**{f"{unit}s": 1})))


def _to_date(moment: date) -> date:
    """Return a plain date: SQLite's driver takes no subclass of it, such as pendulum's."""
    return date(moment.year, moment.month, moment.day)


def _to_timestamp(day: date) -> int:
    return pendulum.datetime(day.year, day.month, day.day).int_timestamp
