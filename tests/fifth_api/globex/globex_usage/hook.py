from datetime import date
from decimal import Decimal
from typing import ClassVar

import msgspec

from datacoves_usage_provider import (
    JsonAmount,
    JsonCount,
    Meter,
    Scope,
    UsageApi,
    UsageHook,
    UsagePage,
    UsageRecord,
    UsageRequest,
    decode_json,
)

RENDER_MINUTES = Meter("Render Minutes", "Minutes", is_whole=False)
ARTISTS = Meter("Artists", "Artists", is_additive=False)


class Row(msgspec.Struct):
    project: str
    day: date
    minutes: JsonAmount
    artists: JsonCount


class Body(msgspec.Struct):
    rows: list[Row]
    next_cursor: str | None


class GlobexApi(UsageApi):
    """Render minutes of a tenant's projects, and how many artists rendered, by day."""

    service_provider_name = "Globex"
    meters = (RENDER_MINUTES, ARTISTS)
    auth_schemes = ("Bearer",)
    identifiers = ("tenant_id",)
    filter_dimensions: ClassVar = {"project": "sub_account_id"}
    error_fields = ("problem",)

    def get_requests(self, settings, query):
        for project in query.filters.get("project", (None,)):
            # Globex's "until" is inclusive. Rows of one day more would be dropped.
            dates = {"since": str(query.window.start), "until": str(query.window.days[-1])}
            yield UsageRequest(
                url=f"{settings.url}/v1/render-minutes",
                window=query.window,
                params=dates | ({"project": project} if project else {}),
                headers={"X-Tenant": settings.identifiers["tenant_id"]},
                scope=Scope(sub_account_id=(project,) if project else None),
            )

    def parse_response(self, request, body):
        page = decode_json(body, Body)
        records = (record for row in page.rows for record in make_records(row))
        return UsagePage(records, request.next_page(cursor=page.next_cursor) if page.next_cursor else None)


class GlobexHook(UsageHook):
    """The Airflow connection type ``globex``."""

    conn_type = "globex"
    hook_name = "Globex"
    default_conn_name = "globex_default"
    api = GlobexApi()


def make_records(row):
    for meter, quantity in ((RENDER_MINUTES, row.minutes), (ARTISTS, row.artists)):
        yield UsageRecord(
            sub_account_id=row.project,
            service_name="Renderer",
            meter=meter,
            charge_period_start=row.day,
            consumed_quantity=Decimal(quantity),
        )
