from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import ClassVar

import msgspec

from datacoves_usage_provider.client.decoding import JsonAmount, decode_json, find_message, make_decoder
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.hooks.page import UsagePage
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.records import UsageRecord


class Row(msgspec.Struct):
    project: str
    day: date
    minutes: JsonAmount


class Answer(msgspec.Struct):
    rows: list[Row]
    next_cursor: str | None


decoder = make_decoder(Answer)


class AcmeHook(UsageHook):
    """Render minutes of a tenant's projects, by day."""

    conn_type = "acme"
    hook_name = "Acme"
    default_conn_name = "acme_default"
    service_provider_name = "Acme"
    auth_schemes = ("Bearer",)
    identifiers = ("tenant_id",)
    filter_fields: ClassVar = {"project": "sub_account_id"}

    def get_requests(self, settings, query):
        for project in query.filters.get("project", (None,)):
            yield UsageRequest(
                url=f"{settings.url}/v1/render-minutes",
                # Acme's "until" is counted in. Rows of a day more would be dropped.
                params={"since": str(query.window.start), "until": str(query.window.days[-1])}
                | ({"project": project} if project else {}),
                headers={"X-Tenant": settings.identifiers["tenant_id"]},
                scope={"sub_account_id": (project,)} if project else {},
            )

    def parse_answer(self, request, body):
        answer = decode_json(body, decoder)
        cursor = answer.next_cursor
        return UsagePage(
            records=map(make_record, answer.rows),
            next_request=replace(request, params={**request.params, "cursor": cursor}) if cursor else None,
        )

    def parse_refusal(self, body):
        return find_message(body, "problem")


def make_record(row):
    return UsageRecord(
        sub_account_id=row.project,
        service_name="Renderer",
        sku_meter="Render Minutes",
        charge_period_start=row.day,
        consumed_quantity=Decimal(row.minutes),
        consumed_unit="Minutes",
    )
