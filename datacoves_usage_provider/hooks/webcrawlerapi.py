"""WebCrawlerAPI: requests and their cost in US dollars, by day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Annotated, ClassVar

import msgspec

from datacoves_usage_provider.client.decoding import (
    JsonAmount,
    JsonNumber,
    decode_json,
    find_message,
    make_decoder,
    shorten,
)
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.hooks.page import UsagePage
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import EXACT, UsageRecord
from datacoves_usage_provider.window import UsageWindow

_ROUNDING_OF_A_DAY = Decimal("0.005")
_Requests = Annotated[int, msgspec.Meta(ge=0)]


class _Day(msgspec.Struct):
    date: date
    cost_usd: JsonAmount
    requests: _Requests


class _Answer(msgspec.Struct):
    org_id: Annotated[str, msgspec.Meta(min_length=1)]
    cost_usd: JsonNumber
    requests: _Requests
    data: list[_Day]


_decoder = make_decoder(_Answer)


class WebCrawlerApiHook(UsageHook):
    """
    Requests of an organization and what they cost (https://webcrawlerapi.com/docs, "GET /organization/usage").

    One record for each UTC day, days without requests included: meter ``Requests``, its cost in ``USD``. The key must
    be an admin's. Failed items are refunded later, so the cost of a past day may go down. No filters.
    """

    conn_type = "webcrawlerapi"
    hook_name = "WebCrawlerAPI"
    default_conn_name = "webcrawlerapi_default"
    service_provider_name = "WebCrawlerAPI"
    sub_account_noun = "organization"
    auth_schemes = ("Bearer",)
    default_host = "https://api.webcrawlerapi.com"
    remedies: ClassVar = {
        404: "This API answers so to a key that is not an organization's admin key: put that into the connection's "
        "password field, or check the URL in its host field."
    }

    def get_requests(self, settings: ClientSettings, query: UsageQuery) -> tuple[UsageRequest]:
        # A day more than is wanted: right whether or not the server counts it in.
        dates = {"from": str(query.window.start), "to": str(query.window.end)}
        return (UsageRequest(f"{settings.url}/v2/organization/usage", {**dates, "include_daily": "true"}),)

    def parse_answer(self, request: UsageRequest, body: bytes) -> UsagePage:
        answer = decode_json(body, _decoder)
        _check_requests(answer)
        self._check_cost(answer)
        _check_days(answer, _read_window(request))
        return UsagePage(_make_record(answer.org_id, day) for day in answer.data)

    def parse_refusal(self, body: bytes) -> str:
        return find_message(body, "error_message", "message", "error")

    def _check_cost(self, answer: _Answer) -> None:
        """Warn of a difference that rounding to cents explains; raise a ``UsageDataError`` for any other."""
        cost = reduce(EXACT.add, (day.cost_usd for day in answer.data), Decimal())
        if cost == answer.cost_usd:
            return
        total = shorten(str(answer.cost_usd))
        difference = f"answer's total cost is {total} USD, but its {len(answer.data)} days cost {cost} USD"
        rounding = _ROUNDING_OF_A_DAY * len(answer.data)
        if not EXACT.subtract(cost, rounding) <= answer.cost_usd <= EXACT.add(cost, rounding):
            raise UsageDataError(f"The {difference}: more than rounding to cents explains.")
        self.log.warning("WebCrawlerAPI rounds: the %s. The days are loaded as they are.", difference)


def _read_window(request: UsageRequest) -> UsageWindow:
    start, end = (date.fromisoformat(str(request.params[name])) for name in ("from", "to"))
    return UsageWindow(start, end)


def _check_requests(answer: _Answer) -> None:
    requests = sum(day.requests for day in answer.data)
    if requests != answer.requests:
        raise UsageDataError(f"The answer's total is {answer.requests} requests, but its days have {requests}.")


def _check_days(answer: _Answer, window: UsageWindow) -> None:
    """Raise a ``UsageDataError`` for a day that is missing or there twice: days without usage come as zeros."""
    times = Counter(day.date for day in answer.data)
    if wrong := [str(day) for day in window.days if times[day] != 1]:
        raise UsageDataError(f"The answer must have each day once, but has not: {', '.join(wrong)}.")


def _make_record(organization: str, day: _Day) -> UsageRecord:
    return UsageRecord(
        sub_account_id=organization,
        service_name="Crawler",
        sku_meter="Requests",
        charge_period_start=day.date,
        consumed_quantity=Decimal(day.requests),
        consumed_unit="Requests",
        effective_cost=Decimal(day.cost_usd),
        billing_currency="USD",
    )
