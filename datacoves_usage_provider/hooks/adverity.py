"""Adverity's Management API: unique and total rows, by workspace, datastream and day."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Annotated, ClassVar

import msgspec

from datacoves_usage_provider.client.decoding import decode_json, find_message, make_decoder
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.hooks.filters import get_scope
from datacoves_usage_provider.hooks.page import UsagePage
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

_PAGE_SIZE = 100
_Id = Annotated[str, msgspec.Meta(min_length=1)]
_Rows = Annotated[int, msgspec.Meta(ge=0)]


class _Item(msgspec.Struct):
    date: date
    workspace_id: _Id
    workspace_name: str
    datastream_id: _Id | None
    unique_rows: _Rows
    total_rows: _Rows


class _Answer(msgspec.Struct):
    items: list[_Item]
    count: Annotated[int, msgspec.Meta(ge=0)]


_decoder = make_decoder(_Answer)


class AdverityHook(UsageHook):
    """
    Rows that the datastreams of Adverity workspaces processed ("Viewing workspace usage metrics in Management API").

    Two records for each workspace, datastream and UTC day: meters ``Unique Rows`` and ``Total Rows``, in ``Rows``.
    Usage of no datastream has resource ``""``. Filters: ``workspace_id``, ``datastream_id``. The server leaves out
    yesterday while it is not aggregated: that day is covered only if a row carries it. Pages of 100, one at a time.
    """

    conn_type = "adverity"
    hook_name = "Adverity"
    default_conn_name = "adverity_default"
    service_provider_name = "Adverity"
    sub_account_noun = "workspace"
    auth_schemes = ("Token", "Bearer")
    filter_fields: ClassVar = {"workspace_id": "sub_account_id", "datastream_id": "resource_id"}
    ignores_unknown_values = True
    remedies: ClassVar = dict.fromkeys(
        (401, 403),
        "Check the API key in the connection's password field, and its extra 'auth_scheme': Token for a key made with "
        "user credentials, Bearer for one made in Adverity's user interface.",
    )

    def get_requests(self, settings: ClientSettings, query: UsageQuery) -> Iterator[UsageRequest]:
        yield self._make_request(settings, query, "daily")

    def get_month_requests(self, settings: ClientSettings, query: UsageQuery) -> Iterator[UsageRequest]:
        yield self._make_request(settings, query, "monthly")

    def get_covered_days(
        self, window: UsageWindow, records: Collection[UsageRecord], asked_at: datetime
    ) -> tuple[date, ...]:
        yesterday = asked_at.astimezone(timezone.utc).date() - ONE_DAY
        reported = {record.charge_period_start for record in records}
        return tuple(day for day in window.days if day < yesterday or day in reported)

    def parse_answer(self, request: UsageRequest, body: bytes) -> UsagePage:
        answer = decode_json(body, _decoder)
        page = int(str(request.params["page"]))
        # After an empty page nothing follows, whatever the count says: it is checked against what came.
        more = bool(answer.items) and page * _PAGE_SIZE < answer.count
        return UsagePage(
            records=(record for item in answer.items for record in _make_records(item)),
            next_request=_make_next(request, page + 1) if more else None,
            total=2 * answer.count,
        )

    def parse_refusal(self, body: bytes) -> str:
        return find_message(body, "detail", "error", "message")

    def _make_request(self, settings: ClientSettings, query: UsageQuery, granularity: str) -> UsageRequest:
        return UsageRequest(
            url=f"{settings.url}/api/v1/usage/",
            params={
                "granularity": granularity,
                "date_from": str(query.window.start),
                # A day more than is wanted: right whether or not the server counts it in.
                "date_to": str(query.window.end),
                "page": "1",
                "page_size": str(_PAGE_SIZE),
                **query.filters,
            },
            scope=get_scope(self, query),
        )


def _make_next(request: UsageRequest, page: int) -> UsageRequest:
    return replace(request, params={**request.params, "page": str(page)}, may_be_gone=True)


def _make_records(item: _Item) -> Iterator[UsageRecord]:
    for meter, rows in (("Unique Rows", item.unique_rows), ("Total Rows", item.total_rows)):
        yield UsageRecord(
            sub_account_id=item.workspace_id,
            sub_account_name=item.workspace_name,
            service_name="Datastreams",
            resource_id=item.datastream_id or "",
            sku_meter=meter,
            charge_period_start=item.date,
            consumed_quantity=Decimal(rows),
            consumed_unit="Rows",
        )
