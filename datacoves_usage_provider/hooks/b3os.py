"""B3OS: compute units and runs of an organization's workflows, by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timezone
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import msgspec

from datacoves_usage_provider.client.decoding import (
    JsonAmount,
    decode_json,
    find_message,
    find_text,
    make_decoder,
    shorten,
)
from datacoves_usage_provider.client.refusal import may_pass
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.client.retry import TryAgain
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.exceptions import UsageApiError, UsageConfigError, UsageDataError
from datacoves_usage_provider.hooks.page import UsagePage
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.window import ONE_DAY


class _Workflow(msgspec.Struct, rename="camel"):
    workflow_id: Annotated[str, msgspec.Meta(min_length=1)]
    workflow_name: str
    total_cu: JsonAmount
    run_count: Annotated[int, msgspec.Meta(ge=0)]


class _Data(msgspec.Struct):
    workflows: list[_Workflow]


class _Envelope(msgspec.Struct):
    """Both kinds of it: ``code`` is 0 in one, ``success`` true in the other. Of a failure, ``data`` may be anything."""

    code: int = 0
    success: bool = True
    error: Any = None


class _Answer(_Envelope):
    data: _Data | None = None


_envelope_decoder = make_decoder(_Envelope)
_decoder = make_decoder(_Answer)


class B3osHook(UsageHook):
    """
    Compute units and runs of an organization's workflows ("Get CU usage by workflow").

    Two records for each workflow and UTC day: meters ``Compute Units`` and ``Runs``. The API totals a range, so each
    day is a request of its own, four at a time; it ends a millisecond before midnight, since the API does not say
    whether ``to`` is counted in. No filters.
    """

    conn_type = "b3os"
    hook_name = "B3OS"
    default_conn_name = "b3os_default"
    service_provider_name = "B3OS"
    sub_account_noun = "organization"
    auth_schemes = ("Bearer",)
    identifiers = ("organization_id",)
    requests_at_once = 4
    remedies: ClassVar = dict.fromkeys(
        (401, 403),
        "Check the API key in the connection's password field, and that its extra 'organization_id' is the id of the "
        "key's organization.",
    )

    def get_requests(self, settings: ClientSettings, query: UsageQuery) -> Iterator[UsageRequest]:
        organization = settings.identifiers["organization_id"]
        # Newest first: the first one is what a test of the connection asks.
        for day in reversed(query.window.days):
            yield UsageRequest(
                url=f"{settings.url}/v1/organizations/{organization}/cu/usage-by-workflow",
                params={"from": str(_to_milliseconds(day)), "to": str(_to_milliseconds(day + ONE_DAY) - 1)},
                headers={"X-Org-ID": organization},
                subject=f"organization {organization!r}",
            )

    def parse_answer(self, request: UsageRequest, body: bytes) -> UsagePage:
        envelope = decode_json(body, _envelope_decoder)
        if envelope.code != 0 or not envelope.success:
            said = f"{request.url} answers with a failure: “{shorten(self.parse_refusal(body))}”."
            raise self._explain(envelope, said)
        answer = decode_json(body, _decoder)
        if answer.data is None:
            raise UsageDataError(f"{request.url} answers without data: “{shorten(self.parse_refusal(body))}”.")
        workflows = answer.data.workflows
        organization, day = request.headers["X-Org-ID"], _read_day(request)
        return UsagePage(
            records=(record for workflow in workflows for record in _make_records(workflow, organization, day)),
            total=2 * len(workflows),
        )

    def parse_refusal(self, body: bytes) -> str:
        message = find_message(body, "message", "error.message", "error")
        request_id = find_text(body, "requestId")
        return f"requestId {request_id}: {message}" if request_id else message

    def _explain(self, envelope: _Envelope, said: str) -> Exception:
        """Return what to raise for a failure inside HTTP 200, whose code may be the status that it should have had."""
        code = envelope.error.get("code", envelope.code) if isinstance(envelope.error, dict) else envelope.code
        if not isinstance(code, int):
            return UsageApiError(said)
        if code in self.remedies:
            return UsageConfigError(f"Connection {self.usage_conn_id!r}: {said} {self.remedies[code]}")
        return TryAgain(said) if may_pass(code) else UsageApiError(said)


def _to_milliseconds(day: date) -> int:
    return int(datetime.combine(day, time(), timezone.utc).timestamp()) * 1000


def _read_day(request: UsageRequest) -> date:
    return datetime.fromtimestamp(int(str(request.params["from"])) // 1000, timezone.utc).date()


def _make_records(workflow: _Workflow, organization: str, day: date) -> Iterator[UsageRecord]:
    amounts = (
        ("Compute Units", "Compute Units", Decimal(workflow.total_cu)),
        ("Runs", "Runs", Decimal(workflow.run_count)),
    )
    for meter, unit, amount in amounts:
        yield UsageRecord(
            sub_account_id=organization,
            service_name="Workflows",
            resource_id=workflow.workflow_id,
            resource_name=workflow.workflow_name,
            sku_meter=meter,
            charge_period_start=day,
            consumed_quantity=amount,
            consumed_unit=unit,
        )
