"""B3OS: compute units and runs of an organization's workflows, by day."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

import msgspec

from datacoves_usage_provider import ClientSettings, Meter, UsageApi, UsagePage, UsageQuery, UsageRecord, UsageRequest
from datacoves_usage_provider.client.decoding import JsonAmount, JsonCount, JsonId, decode_json, find_text

COMPUTE_UNITS = Meter("Compute Units", "Compute Units", is_whole=False)
RUNS = Meter("Runs", "Runs")


class _Workflow(msgspec.Struct, rename="camel"):
    workflow_id: JsonId
    workflow_name: str
    total_cu: JsonAmount
    run_count: JsonCount


class _Data(msgspec.Struct):
    workflows: list[_Workflow]


class _Body(msgspec.Struct):
    data: _Data


class _Envelope(msgspec.Struct):  # of both kinds: one has code, the other success
    code: int = 0
    success: bool = True
    error: Any = None


class B3osApi(UsageApi):
    """
    Compute units and runs of an organization's workflows ("Get CU usage by workflow").

    Two records for each workflow and UTC day. The API totals a range, so each day is a request of its own, four at a
    time. Each ends a millisecond before midnight, because the docs do not say whether ``to`` is inclusive. No filters.
    """

    service_provider_name = "B3OS"
    meters = (COMPUTE_UNITS, RUNS)
    sub_account_noun = "organization"
    auth_schemes = ("Bearer",)
    error_fields = ("message", "error.message", "error")
    identifiers = ("organization_id",)
    concurrency = 4
    remedies: ClassVar = {
        401: "Check the API key in the connection's password field, and that its extra 'organization_id' is the id of "
        "the key's organization.",
    }

    def get_requests(self, settings: ClientSettings, query: UsageQuery) -> Iterator[UsageRequest]:
        organization = settings.identifiers["organization_id"]
        for day in reversed([*query.window.chunks(1)]):  # newest first: a test of the connection sends the first one
            start, end = day.timestamps
            yield UsageRequest(
                url=f"{settings.url}/v1/organizations/{organization}/cu/usage-by-workflow",
                window=day,
                params={"from": str(start * 1000), "to": str(end * 1000 - 1)},
                headers={"X-Org-ID": organization},
                subject=f"organization {organization!r}",
            )

    def get_error_status(self, body: bytes) -> int | None:
        envelope = decode_json(body, _Envelope)
        if envelope.code == 0 and envelope.success:
            return None
        error = envelope.error if isinstance(envelope.error, dict) else {}
        code = error.get("code", envelope.code)
        return code if isinstance(code, int) and 400 <= code < 600 else 400

    def parse_response(self, request: UsageRequest, body: bytes) -> UsagePage:
        workflows = decode_json(body, _Body).data.workflows
        records = (record for workflow in workflows for record in _make_records(workflow, request))
        return UsagePage(records, total=2 * len(workflows))

    def parse_error(self, body: bytes) -> str:
        message = super().parse_error(body)
        request_id = find_text(body, "requestId")
        return f"requestId {request_id}: {message}" if request_id else message


def _make_records(workflow: _Workflow, request: UsageRequest) -> Iterator[UsageRecord]:
    for meter, quantity in ((COMPUTE_UNITS, workflow.total_cu), (RUNS, workflow.run_count)):
        yield UsageRecord(
            sub_account_id=request.headers["X-Org-ID"],
            service_name="Workflows",
            resource_id=workflow.workflow_id,
            resource_name=workflow.workflow_name,
            meter=meter,
            charge_period_start=request.window.start,
            consumed_quantity=Decimal(quantity),
        )
