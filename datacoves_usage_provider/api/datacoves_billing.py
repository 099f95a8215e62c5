"""The Datacoves Billing API: billed minutes of Airflow and Airbyte workers, by environment, service and day."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from sys import intern
from typing import ClassVar

import msgspec

from datacoves_usage_provider import ClientSettings, Meter, UsageApi, UsagePage, UsageQuery, UsageRecord, UsageRequest
from datacoves_usage_provider.client.decoding import JsonCount, JsonId, decode_json
from datacoves_usage_provider.exceptions import UsageConfigError, UsageDataError
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.text import shorten
from datacoves_usage_provider.window import utc_day

WORKER_MINUTES = Meter("Worker Minutes", "Minutes")

_SLUG = re.compile(r"[A-Za-z0-9_-]+")


class _Row(msgspec.Struct, gc=False):
    environment_slug: JsonId
    service: JsonId
    date: str
    amount_minutes: JsonCount


# Most numbers repeat: one object for each distinct number is faster than one for each record.
_make_decimal = lru_cache(maxsize=4096)(Decimal)


class DatacovesBillingApi(UsageApi):
    """
    Worker minutes of a Datacoves project (https://docs.datacoves.com, "Billing API").

    One record is the billed minutes of one environment and service in one UTC day, without warm-up time. The API
    responds only inside the cluster. Filters: ``environment_slug``, ``service``.

    A response for all services may lack ``unknown``, so that service is also requested by itself, and both responses
    must agree on it. A chunk (31 days) takes two requests if no service is named, otherwise one for each named service;
    and that number for each named environment. Two are sent side by side.
    """

    service_provider_name = "Datacoves"
    meters = (WORKER_MINUTES,)
    sub_account_noun = "environment"
    auth_schemes = ("Token",)
    error_fields = ("error", "detail")
    concurrency = 2
    reach_hint = "The Billing API can be reached only inside its cluster."
    filter_dimensions: ClassVar = {"environment_slug": "sub_account_id", "service": "service_name"}
    documented_values: ClassVar = {"service": ("airflow", "airbyte", "unknown")}

    def get_requests(self, settings: ClientSettings, query: UsageQuery) -> Iterator[UsageRequest]:
        url = settings.url if settings.url.endswith("/billing") else f"{settings.url}/billing"
        # The docs do not say whether end_date is inclusive. Its rows, if they come, are dropped.
        dates = {"start_date": str(query.window.start), "end_date": str(query.window.end)}
        for environment in query.filters.get("environment_slug", (None,)):
            for service in query.filters.get("service", (None, "unknown")):
                yield UsageRequest(
                    url=f"{url}/{_check_slug(environment)}/" if environment else f"{url}/",
                    window=query.window,
                    params=dates | ({"service": service} if service else {}),
                    scope=Scope((environment,) if environment else None, (service,) if service else None),
                    subject=f"environment {environment!r}" if environment else None,
                )

    def parse_response(self, request: UsageRequest, body: bytes) -> UsagePage:
        # Each row is taken out: all rows and all records together are what would fill the memory most.
        rows = deque[_Row | None]([*decode_json(body, list[_Row]), None])
        return UsagePage(
            UsageRecord(
                sub_account_id=intern(row.environment_slug),
                service_name=intern(row.service),
                meter=WORKER_MINUTES,
                charge_period_start=_parse_day(index, row.date),
                consumed_quantity=_make_decimal(row.amount_minutes),
            )
            for index, row in enumerate(iter(rows.popleft, None))
        )


def _parse_day(index: int, text: str) -> date:
    try:
        return utc_day(text)
    except ValueError as error:
        raise UsageDataError(f"record {index}, field 'date', is '{shorten(text)}', not a timestamp or date.") from error


def _check_slug(environment: str) -> str:
    if not _SLUG.fullmatch(environment):
        raise UsageConfigError(f"environment_slug must contain only letters, digits, '-' and '_', not {environment!r}.")
    return environment
