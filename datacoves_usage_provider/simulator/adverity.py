"""The Adverity Management API's usage (https://docs.adverity.com), and a switch for each point that is left open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Literal, NamedTuple

from datacoves_usage_provider.simulator.adverity_query import AdverityQuery, read_query
from datacoves_usage_provider.simulator.adverity_usage import AdverityRows, Rows, Workspace
from datacoves_usage_provider.simulator.api import InFlight, SimulatedApi
from datacoves_usage_provider.simulator.errors import HttpError, django_error, django_not_found, django_redirect
from datacoves_usage_provider.simulator.exchange import Request, Response, json_response
from datacoves_usage_provider.simulator.usage import (
    FIRST_DAY,
    ONE_DAY,
    days_between,
    months_between,
    next_month,
)

MAX_PAGE_SIZE = 100

Item = dict[str, Any]


class Period(NamedTuple):
    """Its usage is that of the days from ``start`` up to, but not including, ``end``; ``day`` is the item's date."""

    day: date
    start: date
    end: date


@dataclass(kw_only=True)
class Adverity(AdverityRows, InFlight, SimulatedApi):
    """
    One instance's usage API, without a socket. Its fields are switches that may be turned at any time.

    ``auth_scheme``: how the key was made; with the other one it is wrong. ``end_inclusive``: ``date_to`` is the last
    day, not the one after it. ``reject_large_pages``: a ``page_size`` over 100 is an error, not 100.
    ``reject_past_end``: a page after the last one is an error, not empty. ``unknown_is_unfiltered``: a filter without
    any known value filters nothing, instead of everything. ``whole_months``: a month that is requested in part comes
    whole, up to yesterday. ``yesterday_late``: the items of yesterday are not there yet. ``echo_key``: errors leak the
    key.

    ``between_pages``: what happens while a client reads page after page, such as a ``restate`` that adds or removes an
    item. The first of them is called after each page 1 that is not the last one, so that as many readings as there are
    calls in the list meet a change, and the next one meets none.

    The vendor wants one request at a time: ``most_in_flight`` counts them.
    """

    name: ClassVar[str] = "Adverity"
    path: ClassVar[str] = "/api/v1/usage"
    conn_type: ClassVar[str] = "adverity"

    key: str = "adv5eed0fa6ed51f1ca7e00000000c0ffee"
    auth_scheme: Literal["Token", "Bearer"] = "Token"
    end_inclusive: bool = True
    reject_large_pages: bool = False
    reject_past_end: bool = False
    unknown_is_unfiltered: bool = False
    whole_months: bool = False
    yesterday_late: bool = False
    between_pages: list[Callable[[], None]] = field(default_factory=list)

    @property
    def extra(self) -> Mapping[str, str]:
        return {} if self.auth_scheme == "Token" else {"auth_scheme": self.auth_scheme}

    def respond(self, request: Request) -> Response:
        with self.in_flight():
            if request.path == self.path:
                return django_redirect(request)
            if request.path != f"{self.path}/":
                return django_not_found()
            return django_error(request, self.key, self.auth_scheme) or self._respond_to_get(request)

    def _respond_to_get(self, request: Request) -> Response:
        try:
            query = read_query(request, self.now().date())
            return json_response(200, self._make_page(query))
        except HttpError as error:
            return json_response(error.status, {"detail": str(error)})

    def _make_page(self, query: AdverityQuery) -> dict[str, Any]:
        if query.page_size > MAX_PAGE_SIZE and self.reject_large_pages:
            raise HttpError(400, f"page_size: Ensure this value is less than or equal to {MAX_PAGE_SIZE}.")
        size = min(query.page_size, MAX_PAGE_SIZE)
        items = list(self._make_items(query))
        start, end = (query.page - 1) * size, query.page * size
        if start >= len(items) and query.page > 1 and self.reject_past_end:
            raise HttpError(404, "Invalid page.")
        if query.page == 1 and end < len(items) and self.between_pages:
            self.between_pages.pop(0)()
        return {"items": items[start:end], "count": len(items)}

    def _make_items(self, query: AdverityQuery) -> Iterator[Item]:
        """By date, then workspace, then datastream; those of no datastream come first."""
        buckets = list(self._choose_buckets(query))
        for period in self._choose_periods(query):
            for workspace, datastream_id in buckets:
                rows = self.monthly_rows(workspace.id, datastream_id, period.start, period.end)
                if rows is not None:
                    yield _make_item(period.day, workspace, datastream_id, rows)

    def _choose_periods(self, query: AdverityQuery) -> Iterator[Period]:
        """Days, or months: cut to the requested days, or with ``whole_months`` to those before the present."""
        present = self.now().date() - ONE_DAY * self.yesterday_late
        start = max(query.date_from, FIRST_DAY)
        end = present if query.date_to >= present else query.date_to + ONE_DAY * self.end_inclusive
        if not query.monthly:
            return (Period(day, day, day + ONE_DAY) for day in days_between(start, end))
        first, stop = (date.min, present) if self.whole_months else (start, end)
        months = months_between(start, end)
        return (Period(month, max(month, first), min(next_month(month), stop)) for month in months)

    def _choose_buckets(self, query: AdverityQuery) -> Iterator[tuple[Workspace, str | None]]:
        requested = query.datastream_ids
        known = (datastream_id for workspace in self.workspaces for datastream_id in workspace.datastream_ids)
        is_filtered = self._is_filtered(requested, known)
        for workspace in self._choose_workspaces(query.workspace_ids):
            for datastream_id in (None, *workspace.datastream_ids):
                if datastream_id in requested or not is_filtered:
                    yield workspace, datastream_id

    def _choose_workspaces(self, requested: tuple[str, ...]) -> list[Workspace]:
        is_filtered = self._is_filtered(requested, (workspace.id for workspace in self.workspaces))
        return [workspace for workspace in self.workspaces if workspace.id in requested or not is_filtered]

    def _is_filtered(self, requested: tuple[str, ...], known: Iterable[str]) -> bool:
        """Return whether the response has only what is ``requested``."""
        return bool(requested) and not (self.unknown_is_unfiltered and set(known).isdisjoint(requested))


def _make_item(day: date, workspace: Workspace, datastream_id: str | None, rows: Rows) -> Item:
    return {
        "date": day.isoformat(),
        "workspace_id": workspace.id,
        "workspace_name": workspace.name,
        "datastream_id": datastream_id,
        "unique_rows": rows.unique,
        "total_rows": rows.total,
    }
