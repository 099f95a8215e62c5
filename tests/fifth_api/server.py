"""Globex's usage API, which no vendor has: pages that a cursor leads through, and a header that names the tenant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from datacoves_usage_provider.simulator.exchange import Request, Response, json_response
from datacoves_usage_provider.simulator.usage import ONE_DAY, days_between, millionths

ARTISTS = 3
_PAGE_SIZE = 7


@dataclass
class Globex:
    """Rows come by day and project, seven on a page. The first cursor is none; others are opaque."""

    path: ClassVar[str] = "/v1/render-minutes"

    key: str = "globex-5eed-0123456789"
    tenant_id: str = "tenant-7"
    projects: tuple[str, ...] = ("film", "short", "spot")

    def minutes(self, project: str, day: date) -> Decimal:
        return millionths(1_000_003 * (self.projects.index(project) + 1) * day.toordinal())

    def total(self, start: date, end: date) -> Decimal:
        return sum(
            (self.minutes(project, day) for day in days_between(start, end) for project in self.projects), Decimal()
        )

    def respond(self, request: Request) -> Response:
        if request.bearer_key != self.key:
            return json_response(401, {"problem": "no such key"})
        if request.headers.get("X-Tenant") != self.tenant_id:
            return json_response(403, {"problem": "no such tenant"})
        query = request.query
        since, until = date.fromisoformat(query["since"]), date.fromisoformat(query["until"])
        rows = [
            {"project": project, "day": str(day), "minutes": self.minutes(project, day), "artists": ARTISTS}
            for day in days_between(since, until + ONE_DAY)
            for project in self.projects
            if project == query.get("project", project)
        ]
        start = int(query.get("cursor", "c0").removeprefix("c"))
        end = start + _PAGE_SIZE
        return json_response(
            200, {"rows": rows[start:end], "next_cursor": f"c{end}" if end < len(rows) else None, "unknown": 1}
        )

    def finish(self, request: Request, response: Response) -> Response:
        return response
