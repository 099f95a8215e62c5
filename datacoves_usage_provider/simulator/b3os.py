"""B3OS' compute units by workflow, and a switch for each point that the documents leave open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar
from urllib.parse import unquote

from datacoves_usage_provider.simulator import bearer
from datacoves_usage_provider.simulator.b3os_envelope import wrap, wrap_refusal
from datacoves_usage_provider.simulator.b3os_runs import WorkflowRuns, WorkflowUsage, add_up
from datacoves_usage_provider.simulator.b3os_workflows import Workflow
from datacoves_usage_provider.simulator.exchange import Request, Response, json_response
from datacoves_usage_provider.simulator.key_echo import KeyEcho
from datacoves_usage_provider.simulator.rate_limit import RateLimit
from datacoves_usage_provider.simulator.refused import RefusedError
from datacoves_usage_provider.simulator.traffic import Traffic

_ROUTE = re.compile(r"/v1/organizations/(?P<organization_id>[^/]+)/cu/usage-by-workflow")
_MILLISECONDS = re.compile(r"[0-9]{1,18}")


@dataclass(kw_only=True)
class B3os(WorkflowRuns, Traffic, KeyEcho):
    """
    One organization's usage API, without a socket. Its fields are switches that may be turned at any time.

    ``to_inclusive``: a run at the millisecond ``to`` counts. ``success_style``: the envelope is ``{"success": …}``, not
    ``{"code": …}``. ``idle_workflows``: workflows without a run are listed, with zeros. ``needs_org_header``: requests
    without ``X-Org-ID`` are forbidden. ``refuse_inside_200``: what the API refuses comes with status 200, and only the
    envelope tells. ``requests_per_second``: more are a 429; None: any number. ``echo_key``: errors tell the key.
    """

    path: ClassVar[str] = "/v1/organizations"

    key: str = "b3os_5eed0fa6ed51f1ca7e00000000c0ffee"
    organization_id: str = "org_7e00c0ffee"
    to_inclusive: bool = True
    success_style: bool = False
    idle_workflows: bool = True
    needs_org_header: bool = False
    refuse_inside_200: bool = False
    requests_per_second: int | None = None
    _rate_limit: RateLimit = field(default_factory=RateLimit, init=False, repr=False)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1), init=False, repr=False)

    def answer(self, request: Request) -> Response:
        request_id = f"req_{next(self._numbers):06}"
        with self.in_flight():
            if self.requests_per_second is not None and not self._rate_limit.take(self.requests_per_second):
                return self._refuse(RefusedError(429, "Too many requests", {"Retry-After": "1"}), request_id)
            try:
                self._check(request)
                data = {"workflows": list(self._make_workflows(*_read_period(request.query)))}
                return json_response(200, wrap(data, request_id, success_style=self.success_style))
            except RefusedError as refusal:
                return self._refuse(refusal, request_id)

    def _refuse(self, refusal: RefusedError, request_id: str) -> Response:
        status = 200 if self.refuse_inside_200 and refusal.status != 429 else refusal.status
        said = wrap_refusal(refusal, request_id, success_style=self.success_style)
        return json_response(status, said, refusal.headers)

    def _check(self, request: Request) -> None:
        route = _ROUTE.fullmatch(unquote(request.path))
        if not route:
            raise RefusedError(404, "Not found")
        bearer.check_method(request)
        if bearer.read_key(request) != self.key:
            raise RefusedError(401, "Invalid API token")
        if self.needs_org_header and request.headers.get("X-Org-Id") != self.organization_id:
            raise RefusedError(403, "X-Org-ID header is missing or wrong")
        if route["organization_id"] != self.organization_id:
            raise RefusedError(404, "Organization not found")

    def _make_workflows(self, start: int, last: int) -> Iterator[dict[str, Any]]:
        for workflow in self.workflows:
            usage = add_up(self.runs_within(workflow.id, start, last + self.to_inclusive))
            if usage.runs or self.idle_workflows:
                yield _describe(workflow, usage)


def _read_period(query: dict[str, str]) -> tuple[int, int]:
    start, last = (_read_milliseconds(query, name) for name in ("from", "to"))
    if start > last:
        raise RefusedError(400, "from must not be after to")
    return start, last


def _read_milliseconds(query: dict[str, str], name: str) -> int:
    text = query.get(name, "")
    if not _MILLISECONDS.fullmatch(text):
        raise RefusedError(400, f"{name} must be a time in unix milliseconds")
    return int(text)


def _describe(workflow: Workflow, usage: WorkflowUsage) -> dict[str, Any]:
    return {
        "cuPerHour": workflow.cu_per_hour,
        "estimatedCostPerRun": round(usage.compute_units / usage.runs) if usage.runs else 0,
        "isStream": workflow.is_stream,
        "runCount": usage.runs,
        "status": workflow.status,
        "totalCu": usage.compute_units,
        "triggerType": workflow.trigger_type,
        "workflowId": workflow.id,
        "workflowName": workflow.name,
    }
