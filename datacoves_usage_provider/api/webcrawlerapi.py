"""WebCrawlerAPI: requests and their cost in US dollars, by day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import ClassVar

import msgspec

from datacoves_usage_provider import ClientSettings, Meter, UsageApi, UsagePage, UsageQuery, UsageRecord, UsageRequest
from datacoves_usage_provider.client.decoding import JsonAmount, JsonCount, JsonId, JsonNumber, decode_json
from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.text import shorten
from datacoves_usage_provider.window import UsageWindow

REQUESTS = Meter("Requests", "Requests")

_ROUNDING_OF_A_DAY = Decimal("0.005")


class _Day(msgspec.Struct):
    date: date
    cost_usd: JsonAmount
    requests: JsonCount


class _Body(msgspec.Struct):
    org_id: JsonId
    cost_usd: JsonNumber
    requests: JsonCount
    data: list[_Day]


class WebCrawlerApi(UsageApi):
    """
    Requests of an organization and what they cost (https://webcrawlerapi.com/docs, "GET /organization/usage").

    One record for each UTC day, days without requests included; its cost is in ``USD``. The key must be an admin's.
    Failed items are refunded later, so the cost of a past day may go down. No filters.
    """

    service_provider_name = "WebCrawlerAPI"
    meters = (REQUESTS,)
    sub_account_noun = "organization"
    auth_schemes = ("Bearer",)
    default_host = "https://api.webcrawlerapi.com"
    error_fields = ("error_message", "message", "error")
    remedies: ClassVar = {
        404: "This API also responds like this to a key that is not an organization admin's. Put an admin's key into "
        "the connection's password field, or check the URL in its host field."
    }

    def get_requests(self, settings: ClientSettings, query: UsageQuery) -> tuple[UsageRequest]:
        # One day more than needed: right whether or not "to" is inclusive.
        params = {"from": str(query.window.start), "to": str(query.window.end), "include_daily": "true"}
        return (UsageRequest(f"{settings.url}/v2/organization/usage", query.window, params),)

    def parse_response(self, request: UsageRequest, body: bytes) -> UsagePage:
        usage = decode_json(body, _Body)
        _check_days(usage, request.window)
        return UsagePage((_make_record(usage.org_id, day) for day in usage.data), warnings=_check_cost(usage))


def _check_days(usage: _Body, window: UsageWindow) -> None:
    """Raise a ``UsageDataError`` unless each day is there once, even without usage, and they add up to the total."""
    times = Counter(day.date for day in usage.data)
    if wrong := [str(day) for day in window.days if times[day] != 1]:
        raise UsageDataError(f"The response must have each day once. Missing or repeated: {', '.join(wrong)}.")
    requests = sum(day.requests for day in usage.data)
    if requests != usage.requests:
        raise UsageDataError(f"The response's total is {usage.requests} requests, but its days have {requests}.")


def _check_cost(usage: _Body) -> tuple[str, ...]:
    """Return a warning about a difference that rounding to cents explains; any other is a ``UsageDataError``."""
    cost = reduce(EXACT.add, (day.cost_usd for day in usage.data), Decimal())
    if cost == usage.cost_usd:
        return ()
    total, of_days = shorten(str(usage.cost_usd)), shorten(str(cost))
    difference = f"the response's total cost is {total} USD, but its {len(usage.data)} days cost {of_days} USD"
    rounding = _ROUNDING_OF_A_DAY * len(usage.data)
    if not EXACT.subtract(cost, rounding) <= usage.cost_usd <= EXACT.add(cost, rounding):
        raise UsageDataError(f"WebCrawlerAPI: {difference}. Rounding to cents does not explain that.")
    return (f"WebCrawlerAPI rounds: {difference}. The days are loaded as they are.",)


def _make_record(organization: str, day: _Day) -> UsageRecord:
    return UsageRecord(
        sub_account_id=organization,
        service_name="Crawler",
        meter=REQUESTS,
        charge_period_start=day.date,
        consumed_quantity=Decimal(day.requests),
        effective_cost=Decimal(day.cost_usd),
        billing_currency="USD",
    )
