"""Requests that an organization might crawl and the credits they cost: the same on every machine, since 2024."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from datacoves_usage_provider.simulator.days import days_between
from datacoves_usage_provider.simulator.exact import millionths
from datacoves_usage_provider.simulator.made_up import FIRST_DAY, draw, utc_now


class CrawlerUsage(NamedTuple):
    """1,000,000 ``credits`` are 1 US dollar."""

    requests: int
    credits: int

    @property
    def cost(self) -> Decimal:
        """In US dollars, exactly."""
        return millionths(self.credits)


@dataclass(kw_only=True)
class CrawlerRequests:
    """What was really used, for tests to compare with. ``now`` is the clock, in UTC."""

    now: Callable[[], datetime] = utc_now
    _restated: dict[date, CrawlerUsage] = field(default_factory=dict, init=False, repr=False)

    def usage(self, day: date) -> CrawlerUsage:
        """Return the usage of a UTC day, of today that until now. Every day has one, if only zeros."""
        if day in self._restated:
            return self._restated[day]
        now = self.now()
        if day > now.date():
            return CrawlerUsage(0, 0)
        whole = usage_of_whole_day(day)
        return whole if day < now.date() else _take_part(whole, now.hour * 60 + now.minute)

    def restate(self, day: date, requests: int, credits: int) -> None:  # noqa: A002 - the vendor's word
        """Correct a day: the vendor refunds failed items later."""
        self._restated[day] = CrawlerUsage(requests, credits)

    def total(self, start: date, end: date) -> CrawlerUsage:
        """Return the usage of the UTC days from ``start`` up to, but not including, ``end``."""
        return add_up(self.usage(day) for day in days_between(start, end))


def add_up(usages: Iterable[CrawlerUsage]) -> CrawlerUsage:
    found = list(usages)
    return CrawlerUsage(sum(usage.requests for usage in found), sum(usage.credits for usage in found))


@lru_cache(maxsize=1 << 14)
def usage_of_whole_day(day: date) -> CrawlerUsage:
    """Return the usage of one complete UTC day: none on one day in seven, and none before 2024."""
    chance, size = draw(f"crawler/{day.toordinal()}")
    if day < FIRST_DAY or chance < 1 / 7:
        return CrawlerUsage(0, 0)
    requests = 1 + int(5000 * size**2)
    return CrawlerUsage(requests, requests * 2000 + int(chance * 1_000_000))


def _take_part(whole: CrawlerUsage, minutes: int) -> CrawlerUsage:
    """Return what is used ``minutes`` after midnight."""
    return CrawlerUsage(*(number * minutes // (24 * 60) for number in whole))
