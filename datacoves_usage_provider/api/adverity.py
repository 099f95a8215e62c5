"""Adverity's Management API: unique and total rows, by workspace, datastream and day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import ClassVar

import msgspec

from datacoves_usage_provider import ClientSettings, Meter, UsageApi, UsagePage, UsageQuery, UsageRecord, UsageRequest
from datacoves_usage_provider.client.decoding import JsonCount, JsonId, decode_json
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

UNIQUE_ROWS = Meter("Unique Rows", "Rows", is_additive=False)
TOTAL_ROWS = Meter("Total Rows", "Rows")

_PAGE_SIZE = 100


class _Item(msgspec.Struct):
    date: date
    workspace_id: JsonId
    workspace_name: str
    datastream_id: JsonId | None
    unique_rows: JsonCount
    total_rows: JsonCount


class _Body(msgspec.Struct):
    items: list[_Item]
    count: JsonCount


class AdverityApi(UsageApi):
    """
    Rows that the datastreams of Adverity workspaces processed ("Viewing workspace usage metrics in Management API").

    Two records for each workspace, datastream and UTC day. Usage without a datastream has the resource ``""``.
    Filters: ``workspace_id``, ``datastream_id``. The server leaves out yesterday until it is aggregated, so that day is
    covered only if an item has its date. Result pages have 100 items; the vendor wants one request at a time.
    """

    service_provider_name = "Adverity"
    meters = (UNIQUE_ROWS, TOTAL_ROWS)
    sub_account_noun = "workspace"
    auth_schemes = ("Token", "Bearer")
    filter_dimensions: ClassVar = {"workspace_id": "sub_account_id", "datastream_id": "resource_id"}
    error_fields = ("detail", "error", "message")
    ignores_unknown_values = True
    remedies: ClassVar = {
        401: "Check the API key in the connection's password field, and its extra 'auth_scheme': Token for a key made "
        "with user credentials, Bearer for one made in Adverity's user interface.",
    }

    def get_requests(self, settings: ClientSettings, query: UsageQuery, grain: str = "daily") -> Iterator[UsageRequest]:
        yield UsageRequest(
            url=f"{settings.url}/api/v1/usage/",
            window=query.window,
            params={
                "granularity": grain,
                "date_from": str(query.window.start),
                "date_to": str(query.window.end),  # one day more than needed: right whether or not it is inclusive
                "page": "1",
                "page_size": str(_PAGE_SIZE),
                **query.filters,
            },
            scope=self.get_scope(query.filters),
        )

    def get_month_requests(self, settings: ClientSettings, query: UsageQuery) -> Iterator[UsageRequest]:
        return self.get_requests(settings, query, "monthly")

    def get_covered_days(self, window: UsageWindow, records: Collection[UsageRecord], now: datetime) -> Iterable[date]:
        yesterday = now.astimezone(timezone.utc).date() - ONE_DAY
        reported = {record.charge_period_start for record in records}
        return (day for day in window.days if day < yesterday or day in reported)

    def parse_response(self, request: UsageRequest, body: bytes) -> UsagePage:
        page = decode_json(body, _Body)
        records = [record for item in page.items for record in _make_records(item)]
        total = 2 * page.count
        # Records are counted, not pages: the server's pages may be smaller than requested. Nothing follows an empty
        # page, whatever the count says.
        has_more = bool(records) and request.received + len(records) < total
        return UsagePage(records, request.next_page(page=str(request.page + 1)) if has_more else None, total)


def _make_records(item: _Item) -> Iterator[UsageRecord]:
    for meter, rows in ((UNIQUE_ROWS, item.unique_rows), (TOTAL_ROWS, item.total_rows)):
        yield UsageRecord(
            sub_account_id=item.workspace_id,
            sub_account_name=item.workspace_name,
            service_name="Datastreams",
            resource_id=item.datastream_id or "",
            meter=meter,
            charge_period_start=item.date,
            consumed_quantity=Decimal(rows),
        )
