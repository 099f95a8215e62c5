"""The ways in which the field ``date`` may be written: the documents say no more than that it is a timestamp in UTC."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Literal, get_args

from datacoves_usage_provider.simulator.days import ONE_DAY

DateStyle = Literal["timestamp", "date", "naive", "east", "west", "before-midnight"]
DATE_STYLES: tuple[DateStyle, ...] = get_args(DateStyle)

_EAST = timezone(timedelta(hours=5, minutes=30))
_WEST = timezone(timedelta(hours=-8))


@lru_cache(maxsize=1024)
def write_date(day: date, style: DateStyle, part: float = 0.5) -> str:
    """
    Return a moment of the UTC ``day`` as text; ``part`` (0 to 1) is the share of the day that is over by then.

    ``east`` (+05:30) always names the next day, ``west`` (-08:00) the day before, and ``before-midnight`` is within the
    last microsecond of the day, which a client that rounds takes for the next one. Only ``naive`` and ``date`` do not
    say that they are UTC.
    """
    midnight = datetime.combine(day, time(), timezone.utc)
    if style == "date":
        return day.isoformat()
    if style == "before-midnight":
        return f"{day}T23:59:59.9999996Z"
    if style == "east":
        return (midnight + ONE_DAY - timedelta(hours=5.5) * (1 - part)).astimezone(_EAST).isoformat()
    if style == "west":
        return (midnight + timedelta(hours=8) * part).astimezone(_WEST).isoformat()
    return f"{(midnight + ONE_DAY * part).replace(tzinfo=None).isoformat()}{'' if style == 'naive' else 'Z'}"
