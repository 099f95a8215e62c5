"""Which days a page or a report is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from datacoves_usage_provider.cost.forecast import get_month
from datacoves_usage_provider.window import ONE_DAY, UsageWindow


@dataclass(frozen=True)
class ReportPeriod:
    """
    ``shown`` are the days of the charts; ``month`` is the calendar month that is summed up, up to ``until``.

    ``until`` is the last day of both: the last complete one of the page, or the last of a report's month.
    """

    until: date
    shown: UsageWindow
    month: UsageWindow

    @property
    def so_far(self) -> UsageWindow:
        return UsageWindow(self.month.start, self.until + ONE_DAY)

    @property
    def is_over(self) -> bool:
        return self.so_far == self.month

    @property
    def previous_month(self) -> UsageWindow:
        return get_month(self.month.start - ONE_DAY)

    def pair_days(self, loaded: Iterable[date]) -> list[tuple[date, date]]:
        """Return the days of the month so far with the same day of the month before, where both are loaded."""
        known = set(loaded)
        pairs = zip(self.so_far.days, self.previous_month.days, strict=False)
        return [(day, before) for day, before in pairs if day in known and before in known]


def make_page_period(today: date, days: int) -> ReportPeriod:
    """Return the last ``days`` complete days, and the month of the last one."""
    return ReportPeriod(today - ONE_DAY, UsageWindow(today - ONE_DAY * days, today), get_month(today - ONE_DAY))


def make_month_period(month: UsageWindow, today: date) -> ReportPeriod:
    """Return ``month``, of which at least a day is over; the running one up to yesterday."""
    until = min(month.end, today) - ONE_DAY
    return ReportPeriod(until, UsageWindow(month.start, until + ONE_DAY), month)
