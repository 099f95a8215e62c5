"""B3OS' compute units by workflow, and a switch for each point that the documents leave open."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from time import monotonic
from typing import Any, ClassVar
from urllib.parse import unquote

from datacoves_usage_provider.simulator.api import InFlight, SimulatedApi
from datacoves_usage_provider.simulator.b3os_usage import Workflow, WorkflowRuns, WorkflowUsage, add_up
from datacoves_usage_provider.simulator.errors import HttpError, require_get
from datacoves_usage_provider.simulator.exchange import Request, Response, json_response

_ROUTE = re.compile(r"/v1/organizations/(?P<organization_id>[^/]+)/cu/usage-by-workflow")
_MILLISECONDS = re.compile(r"[0-9]{1,18}")


@dataclass
class RateLimit:
    """A window of one second that slides along the machine's clock; requests over the limit do not count."""

    _taken: deque[float] = field(default_factory=deque, init=False)
    _taking: Lock = field(default_factory=Lock, init=False)

    def take(self, limit: int) -> bool:
        """Return whether one more request is within ``limit`` requests a second."""
        with self._taking:
            now = monotonic()
            while self._taken and self._taken[0] <= now - 1:
                self._taken.popleft()
            allowed = len(self._taken) < limit
            if allowed:
                self._taken.append(now)
            return allowed


@dataclass(kw_only=True)
class B3os(WorkflowRuns, InFlight, SimulatedApi):
    """
    One organization's usage API, without a socket. Its fields are switches that may be turned at any time.

    ``to_inclusive``: a run at the millisecond ``to`` counts. ``success_style``: the envelope is ``{"success": …}``, not
    ``{"code": …}``. ``idle_workflows``: workflows without a run are listed, with zeros. ``needs_org_header``: requests
    without ``X-Org-ID`` are forbidden. ``errors_inside_200``: error responses have status 200, and only the envelope
    shows the error. ``requests_per_second``: more are a 429; None: any number. ``echo_key``: errors leak the key.
    """

    name: ClassVar[str] = "B3OS"
    path: ClassVar[str] = "/v1/organizations"
    conn_type: ClassVar[str] = "b3os"

    key: str = "b3os_5eed0fa6ed51f1ca7e00000000c0ffee"
    organization_id: str = "org_7e00c0ffee"
    to_inclusive: bool = True
    success_style: bool = False
    idle_workflows: bool = True
    needs_org_header: bool = False
    errors_inside_200: bool = False
    requests_per_second: int | None = None
    _rate_limit: RateLimit = field(default_factory=RateLimit, init=False, repr=False)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1), init=False, repr=False)

    @property
    def extra(self) -> Mapping[str, str]:
        return {"organization_id": self.organization_id}

    def respond(self, request: Request) -> Response:
        request_id = f"req_{next(self._numbers):06}"
        with self.in_flight():
            try:
                self._check(request)
                workflows = list(self._make_workflows(*_read_period(request.query)))
                return self._wrap({"workflows": workflows}, request_id)
            except HttpError as error:
                return self._wrap_error(error, request_id)

    def _check(self, request: Request) -> None:
        if self.requests_per_second is not None and not self._rate_limit.take(self.requests_per_second):
            raise HttpError(429, "Too many requests", {"Retry-After": "1"})
        route = _ROUTE.fullmatch(unquote(request.path))
        if not route:
            raise HttpError(404, "Not found")
        require_get(request)
        if request.bearer_key != self.key:
            raise HttpError(401, "Invalid API token")
        if self.needs_org_header and request.headers.get("X-Org-Id") != self.organization_id:
            raise HttpError(403, "X-Org-ID header is missing or wrong")
        if route["organization_id"] != self.organization_id:
            raise HttpError(404, "Organization not found")

    def _wrap(self, data: Any, request_id: str) -> Response:
        if self.success_style:
            return json_response(200, {"success": True, "data": data})
        return json_response(200, {"code": 0, "data": data, "message": "successfully", "requestId": request_id})

    def _wrap_error(self, error: HttpError, request_id: str) -> Response:
        code, message = error.status, str(error)
        status = 200 if self.errors_inside_200 and code != 429 else code
        if self.success_style:
            return json_response(status, {"success": False, "error": {"message": message, "code": code}}, error.headers)
        envelope = {"code": code, "data": None, "message": message, "requestId": request_id}
        return json_response(status, envelope, error.headers)

    def _make_workflows(self, start: int, last: int) -> Iterator[dict[str, Any]]:
        for workflow in self.workflows:
            usage = add_up(self.runs_within(workflow.id, start, last + self.to_inclusive))
            if usage.runs or self.idle_workflows:
                yield _describe(workflow, usage)


def _read_period(query: dict[str, str]) -> tuple[int, int]:
    start, last = (_read_milliseconds(query, name) for name in ("from", "to"))
    if start > last:
        raise HttpError(400, "from must not be after to")
    return start, last


def _read_milliseconds(query: dict[str, str], name: str) -> int:
    text = query.get(name, "")
    if not _MILLISECONDS.fullmatch(text):
        raise HttpError(400, f"{name} must be a time in unix milliseconds")
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
