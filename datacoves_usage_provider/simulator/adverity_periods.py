"""The periods that an answer of the Adverity usage API has items of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from datacoves_usage_provider.simulator.days import ONE_DAY, days_between, months_between, next_month


class Period(NamedTuple):
    """``day`` names it; what counts are the days from ``start`` up to, but not including, ``end``."""

    day: date
    start: date
    end: date


def daily(start: date, end: date) -> Iterator[Period]:
    return (Period(day, day, day + ONE_DAY) for day in days_between(start, end))


def asked_months(start: date, end: date) -> Iterator[Period]:
    """Of each month only the days from ``start`` up to, but not including, ``end``."""
    for month in months_between(start, end):
        yield Period(month, max(month, start), min(next_month(month), end))


def whole_months(start: date, end: date, present: date) -> Iterator[Period]:
    """Each month that has days from ``start`` to ``end``, whole, but for the days from ``present`` on."""
    for month in months_between(start, end):
        yield Period(month, month, min(next_month(month), present))
