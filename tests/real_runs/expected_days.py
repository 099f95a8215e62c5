"""Expected days, from fixed dates and cron expressions alone: nothing here knows the code under test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from croniter import croniter


@dataclass(frozen=True)
class Days:
    """Days ``YYYY-MM-DD`` or months ``YYYY-MM``, one for each run, oldest first."""

    texts: tuple[str, ...]

    def at(self, now: datetime) -> tuple[str, ...]:
        return self.texts


@dataclass(frozen=True)
class Before:
    """The UTC day, or month, before the latest moment that ``cron`` names in ``zone``."""

    cron: str
    period: Literal["day", "month"] = "day"
    zone: str = "UTC"

    def at(self, now: datetime) -> tuple[str, ...]:
        latest = croniter(self.cron, now.astimezone(ZoneInfo(self.zone))).get_prev(datetime)
        day = latest.astimezone(ZoneInfo("UTC")).date()
        if self.period == "month":
            return (f"{day.replace(day=1) - timedelta(days=1):%Y-%m}",)
        return (f"{day - timedelta(days=1)}",)


@dataclass(frozen=True)
class Failure:
    """The task fails, with ``text`` in its log."""

    text: str

    def at(self, now: datetime) -> tuple[str, ...]:
        return (f"fails: {self.text}",)


Expected = Days | Before | Failure


def days(*texts: str) -> Days:
    return Days(texts)


def as_text(window: dict[str, str]) -> str:
    """Write ``{"start": …, "end": …}`` as ``YYYY-MM-DD`` or ``YYYY-MM``; a window of neither kind as both dates."""
    start, end = (datetime.fromisoformat(window[name]).date() for name in ("start", "end"))
    if end == start + timedelta(days=1):
        return f"{start}"
    if start.day == end.day == 1 and (end - timedelta(days=1)).month == start.month and (end - start).days < 32:
        return f"{start:%Y-%m}"
    return f"{start} up to {end}"
