"""WebCrawlerAPI's organization usage (https://webcrawlerapi.com), and a switch for each point that is left open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from datacoves_usage_provider.simulator import bearer
from datacoves_usage_provider.simulator.days import days_from, parse_day
from datacoves_usage_provider.simulator.exchange import Request, Response, json_response
from datacoves_usage_provider.simulator.key_echo import KeyEcho
from datacoves_usage_provider.simulator.refused import RefusedError
from datacoves_usage_provider.simulator.webcrawlerapi_usage import CrawlerRequests, CrawlerUsage, add_up

MAX_DAYS = 365

_CODES = {400: "invalid_request", 401: "unauthorized", 404: "not_found", 405: "method_not_allowed"}
_CENT = Decimal("0.01")


@dataclass(kw_only=True)
class WebCrawlerApi(CrawlerRequests, KeyEcho):
    """
    One organization's usage API, without a socket. Its fields are switches that may be turned at any time.

    ``key`` is an admin key; ``ordinary_key`` exists, but is none. ``end_inclusive``: ``to`` is the last day, not the
    one after it. ``limit_counts_days``: 365 days are counted with both ends; False: the dates may lie 365 days apart,
    as in the vendor's example of a leap year. ``rounded_days``, ``rounded_total``: costs in whole cents.
    ``short_errors``: errors have the fields ``error`` and ``message``, not ``error_code`` and ``error_message``.
    ``echo_key``: errors tell the key.
    """

    path: ClassVar[str] = "/v2/organization/usage"

    key: str = "wca-admin-5eed0fa6ed51f1ca7e00c0ffee"
    ordinary_key: str = "wca-ordinary-0fa6ed51f1ca7e00c0ffee"
    org_id: str = "clwgv3ywz000hsy99lwbk7q18"
    end_inclusive: bool = True
    limit_counts_days: bool = False
    rounded_days: bool = False
    rounded_total: bool = False
    short_errors: bool = False

    def cost(self, day: date) -> Decimal:
        """Return the US dollars of a UTC day as the API tells them: exactly, or rounded."""
        return self._tell_cost(self.usage(day), rounded=self.rounded_days)

    def answer(self, request: Request) -> Response:
        try:
            self._check(request)
            return json_response(200, self._report(request.query))
        except RefusedError as refusal:
            return json_response(refusal.status, self._describe(refusal), refusal.headers)

    def _describe(self, refusal: RefusedError) -> dict[str, str]:
        names = ("error", "message") if self.short_errors else ("error_code", "error_message")
        return dict(zip(names, (_CODES[refusal.status], str(refusal)), strict=True))

    def _check(self, request: Request) -> None:
        if request.path != self.path:
            raise RefusedError(404, "Not found")
        bearer.check_method(request)
        key = bearer.read_key(request)
        if key not in (self.key, self.ordinary_key):
            raise RefusedError(401, "Unauthorized")
        if key == self.ordinary_key:
            raise RefusedError(404, "Not found")

    def _report(self, query: dict[str, str]) -> dict[str, Any]:
        start, last = self._read_period(query)
        days = list(days_from(start, (last - start).days + self.end_inclusive))
        total = add_up(self.usage(day) for day in days)
        report = {
            "from": start.isoformat(),
            "to": last.isoformat(),
            "org_id": self.org_id,
            "cost_usd": self._tell_cost(total, rounded=self.rounded_total),
            "requests": total.requests,
        }
        wants_days = query.get("include_daily") in ("true", "1")
        return report | ({"data": [self._make_day(day) for day in days]} if wants_days else {})

    def _read_period(self, query: dict[str, str]) -> tuple[date, date]:
        last = _read_day(query, "to", self.now().date())
        start = _read_day(query, "from", last - timedelta(days=30))
        if start > last:
            raise RefusedError(400, "'from' date must be before or equal to 'to' date")
        if (last - start).days + self.limit_counts_days > MAX_DAYS:
            raise RefusedError(400, "Date range cannot exceed 1 year (365 days)")
        return start, last

    def _make_day(self, day: date) -> dict[str, Any]:
        return {"date": day.isoformat(), "cost_usd": self.cost(day), "requests": self.usage(day).requests}

    def _tell_cost(self, usage: CrawlerUsage, *, rounded: bool) -> Decimal:
        cost = usage.cost.quantize(_CENT, ROUND_HALF_UP) if rounded else usage.cost
        return cost or Decimal("0.0")


def _read_day(query: dict[str, str], name: str, default: date) -> date:
    day = parse_day(query[name]) if name in query else default
    if day is None:
        raise RefusedError(400, f"Invalid '{name}' date format. Expected YYYY-MM-DD")
    return day
