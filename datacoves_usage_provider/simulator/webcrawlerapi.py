"""WebCrawlerAPI's organization usage (https://webcrawlerapi.com), and a switch for each point that is left open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

from datacoves_usage_provider.simulator.api import SimulatedApi
from datacoves_usage_provider.simulator.errors import HttpError, require_get
from datacoves_usage_provider.simulator.exchange import Request, Response, json_response
from datacoves_usage_provider.simulator.usage import (
    FIRST_DAY,
    days_between,
    days_from,
    draw,
    millionths,
    parse_day,
    utc_now,
)

MAX_DAYS = 365

_CODES = {400: "invalid_request", 401: "unauthorized", 404: "not_found", 405: "method_not_allowed"}
_CENT = Decimal("0.01")


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
        """Return the usage of a UTC day (of today: until now). Every day has one, if only zeros."""
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
    """Return the usage of one complete UTC day: none on one day in seven."""
    chance, size = draw(f"crawler/{day.toordinal()}")
    if day < FIRST_DAY or chance < 1 / 7:
        return CrawlerUsage(0, 0)
    requests = 1 + int(5000 * size**2)
    return CrawlerUsage(requests, requests * 2000 + int(chance * 1_000_000))


def _take_part(whole: CrawlerUsage, minutes: int) -> CrawlerUsage:
    """Return what has been used ``minutes`` after midnight."""
    return CrawlerUsage(*(number * minutes // (24 * 60) for number in whole))


@dataclass(kw_only=True)
class WebCrawlerApi(CrawlerRequests, SimulatedApi):
    """
    One organization's usage API, without a socket. Its fields are switches that may be turned at any time.

    ``key`` is an admin key; ``ordinary_key`` is a key without admin rights. ``end_inclusive``: ``to`` is the last day,
    not the one after it. ``limit_counts_days``: 365 days are counted with both ends; False: the dates may lie 365 days
    apart, as in the vendor's example of a leap year. ``rounded_days``, ``rounded_total``: costs in whole cents.
    ``short_errors``: errors have the fields ``error`` and ``message``, not ``error_code`` and ``error_message``.
    ``echo_key``: errors leak the key.
    """

    name: ClassVar[str] = "WebCrawlerAPI"
    path: ClassVar[str] = "/v2/organization/usage"
    conn_type: ClassVar[str] = "webcrawlerapi"

    key: str = "wca-admin-5eed0fa6ed51f1ca7e00c0ffee"
    ordinary_key: str = "wca-ordinary-0fa6ed51f1ca7e00c0ffee"
    org_id: str = "clwgv3ywz000hsy99lwbk7q18"
    end_inclusive: bool = True
    limit_counts_days: bool = False
    rounded_days: bool = False
    rounded_total: bool = False
    short_errors: bool = False

    def cost(self, day: date) -> Decimal:
        """Return the US dollars of a UTC day as the API reports them: exactly, or rounded."""
        return self._report_cost(self.usage(day), rounded=self.rounded_days)

    def respond(self, request: Request) -> Response:
        try:
            self._check(request)
            return json_response(200, self._report(request.query))
        except HttpError as error:
            return json_response(error.status, self._describe(error), error.headers)

    def _describe(self, error: HttpError) -> dict[str, str]:
        names = ("error", "message") if self.short_errors else ("error_code", "error_message")
        return dict(zip(names, (_CODES[error.status], str(error)), strict=True))

    def _check(self, request: Request) -> None:
        if request.path != self.path:
            raise HttpError(404, "Not found")
        require_get(request)
        if request.bearer_key not in (self.key, self.ordinary_key):
            raise HttpError(401, "Unauthorized")
        if request.bearer_key == self.ordinary_key:
            raise HttpError(404, "Not found")

    def _report(self, query: dict[str, str]) -> dict[str, Any]:
        start, last = self._read_period(query)
        days = list(days_from(start, (last - start).days + self.end_inclusive))
        total = add_up(self.usage(day) for day in days)
        report = {
            "from": start.isoformat(),
            "to": last.isoformat(),
            "org_id": self.org_id,
            "cost_usd": self._report_cost(total, rounded=self.rounded_total),
            "requests": total.requests,
        }
        wants_days = query.get("include_daily") in ("true", "1")
        return report | ({"data": [self._make_day(day) for day in days]} if wants_days else {})

    def _read_period(self, query: dict[str, str]) -> tuple[date, date]:
        last = _read_day(query, "to", self.now().date())
        start = _read_day(query, "from", last - timedelta(days=30))
        if start > last:
            raise HttpError(400, "'from' date must be before or equal to 'to' date")
        if (last - start).days + self.limit_counts_days > MAX_DAYS:
            raise HttpError(400, "Date range cannot exceed 1 year (365 days)")
        return start, last

    def _make_day(self, day: date) -> dict[str, Any]:
        return {"date": day.isoformat(), "cost_usd": self.cost(day), "requests": self.usage(day).requests}

    def _report_cost(self, usage: CrawlerUsage, *, rounded: bool) -> Decimal:
        cost = usage.cost.quantize(_CENT, ROUND_HALF_UP) if rounded else usage.cost
        return cost or Decimal("0.0")


def _read_day(query: dict[str, str], name: str, default: date) -> date:
    day = parse_day(query[name]) if name in query else default
    if day is None:
        raise HttpError(400, f"Invalid '{name}' date format. Expected YYYY-MM-DD")
    return day
