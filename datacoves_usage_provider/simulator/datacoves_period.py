"""The two dates of a request, and the three texts with which the Datacoves Billing API refuses them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from datacoves_usage_provider.simulator.days import days_from, parse_day

MAX_DAYS = 180

INVALID_DATE = "Invalid date format. Use YYYY-MM-DD."
TOO_LONG = "Date range cannot exceed 6 months (180 days)."
START_AFTER_END = "start_date must be before end_date."


class RefusedPeriodError(ValueError):
    """Its text is what the API says."""


def read_date(text: str) -> date:
    """Raises ``RefusedPeriodError`` for anything that is no day written as ``YYYY-MM-DD``."""
    day = parse_day(text)
    if day is None:
        raise RefusedPeriodError(INVALID_DATE)
    return day


@dataclass(frozen=True)
class AskedPeriod:
    """The two dates as asked; what they mean is up to the switches of the API."""

    start: date
    end: date

    def check(self, *, equal_dates: bool, limit_counts_days: bool) -> None:
        """Raises ``RefusedPeriodError``."""
        distance = (self.end - self.start).days
        if distance < 0 or (distance == 0 and not equal_dates):
            raise RefusedPeriodError(START_AFTER_END)
        if distance + limit_counts_days > MAX_DAYS:
            raise RefusedPeriodError(TOO_LONG)

    def days(self, *, end_inclusive: bool) -> Iterator[date]:
        return days_from(self.start, (self.end - self.start).days + end_inclusive)
