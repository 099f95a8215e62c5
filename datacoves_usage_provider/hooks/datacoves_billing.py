"""The Datacoves Billing API: billed minutes of Airflow and Airbyte workers, by environment, service and day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from sys import intern
from typing import Annotated, ClassVar

import msgspec

from datacoves_usage_provider.chunk import Scope
from datacoves_usage_provider.client.decoding import decode_json, find_message, shorten
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.exceptions import UsageConfigError, UsageDataError
from datacoves_usage_provider.hooks.page import UsagePage
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.window import utc_day

_Name = Annotated[str, msgspec.Meta(min_length=1)]
_SLUG = re.compile(r"[A-Za-z0-9_-]+")


class _Row(msgspec.Struct, gc=False):
    environment_slug: _Name
    service: _Name
    date: str
    amount_minutes: Annotated[int, msgspec.Meta(ge=0)]


_decoder = msgspec.json.Decoder(list[_Row])
# Most numbers and names repeat: one object for each, instead of one for each record, is quicker to work with.
_make_decimal = lru_cache(maxsize=4096)(Decimal)


class DatacovesBillingHook(UsageHook):
    """
    Worker minutes of a Datacoves project (https://docs.datacoves.com, "Billing API").

    One record is the billed minutes of one environment and service in one UTC day; warm-up time is not in them. The API
    answers only inside the cluster. Filters: ``environment_slug``, ``service``.

    An answer that names no service may lack ``unknown``, so that service is always asked for by itself: two requests a
    chunk (31 days) where no service is named, one for each named service, and all that for each named environment.
    """

    conn_type = "datacoves_billing"
    hook_name = "Datacoves Billing"
    default_conn_name = "datacoves_billing_default"
    service_provider_name = "Datacoves"
    sub_account_noun = "environment"
    auth_schemes = ("Token",)
    reach_hint = "The Billing API answers only inside its cluster."
    filter_fields: ClassVar = {"environment_slug": "sub_account_id", "service": "service_name"}
    documented_values: ClassVar = {"service": ("airflow", "airbyte", "unknown")}

    def get_requests(self, settings: ClientSettings, query: UsageQuery) -> Iterator[UsageRequest]:
        url = settings.url if settings.url.endswith("/billing") else f"{settings.url}/billing"
        # The docs do not say whether end_date is inclusive: its rows, if they come, are dropped.
        dates = {"start_date": str(query.window.start), "end_date": str(query.window.end)}
        for environment in query.filters.get("environment_slug", (None,)):
            for service in query.filters.get("service", (None, "unknown")):
                yield UsageRequest(
                    url=f"{url}/{_check_slug(environment)}/" if environment else f"{url}/",
                    params=dates | ({"service": service} if service else {}),
                    scope=_make_scope(sub_account_id=environment, service_name=service),
                    subject=f"environment {environment!r}" if environment else None,
                )

    def parse_answer(self, request: UsageRequest, body: bytes) -> UsagePage:
        rows = decode_json(body, _decoder)
        all_services = "service" not in request.params
        return UsagePage(
            _make_record(index, row)
            for index, row in enumerate(rows)
            # The request for this service alone brings it.
            if not (all_services and row.service == "unknown")
        )

    def parse_refusal(self, body: bytes) -> str:
        return find_message(body, "error", "detail")


def _make_record(index: int, row: _Row) -> UsageRecord:
    try:
        day = utc_day(row.date)
    except ValueError as error:
        raise UsageDataError(
            f"record {index}, field 'date', is {shorten(row.date)!r}, not a timestamp or date."
        ) from error
    return UsageRecord(
        sub_account_id=intern(row.environment_slug),
        service_name=intern(row.service),
        sku_meter="Worker Minutes",
        charge_period_start=day,
        consumed_quantity=_make_decimal(row.amount_minutes),
        consumed_unit="Minutes",
    )


def _check_slug(environment: str) -> str:
    if not _SLUG.fullmatch(environment):
        raise UsageConfigError(
            f"environment_slug {environment!r} is no slug: it has letters, digits, '-' and '_' only, such as abc123."
        )
    return environment


def _make_scope(**fields: str | None) -> Scope:
    return {name: (value,) for name, value in fields.items() if value is not None}
