"""The Adverity Management API's usage (https://docs.adverity.com), and a switch for each point that is left open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Literal

from datacoves_usage_provider.simulator import django
from datacoves_usage_provider.simulator.adverity_periods import Period, asked_months, daily, whole_months
from datacoves_usage_provider.simulator.adverity_query import MAX_PAGE_SIZE, AdverityQuery, read_query
from datacoves_usage_provider.simulator.adverity_rows import AdverityRows, Rows, Workspace
from datacoves_usage_provider.simulator.days import ONE_DAY
from datacoves_usage_provider.simulator.exchange import Request, Response, json_response
from datacoves_usage_provider.simulator.key_echo import KeyEcho
from datacoves_usage_provider.simulator.made_up import FIRST_DAY
from datacoves_usage_provider.simulator.refused import RefusedError
from datacoves_usage_provider.simulator.traffic import Traffic

Item = dict[str, Any]


@dataclass(kw_only=True)
class Adverity(AdverityRows, Traffic, KeyEcho):
    """
    One instance's usage API, without a socket. Its fields are switches that may be turned at any time.

    ``auth_scheme``: how the key was made; with the other one it is wrong. ``end_inclusive``: ``date_to`` is the last
    day, not the one after it. ``refuse_large_pages``: a ``page_size`` over 100 is an error, not 100.
    ``refuse_past_end``: a page after the last one is an error, not empty. ``unknown_is_unfiltered``: a filter of which
    no value is known filters nothing, instead of all. ``whole_months``: a month of which a part is asked comes whole,
    up to yesterday. ``yesterday_late``: the items of yesterday are not there yet. ``echo_key``: errors tell the key.

    ``between_pages``: what happens while a client reads page after page, such as a ``restate`` that adds an item or
    takes one away. The first of them is called after each page 1 that is not the last one, so that as many readings as
    there are calls in the list meet a change, and the next one meets none.

    The vendor asks for one request at a time: ``most_in_flight`` tells.
    """

    path: ClassVar[str] = "/api/v1/usage"

    key: str = "adv5eed0fa6ed51f1ca7e00000000c0ffee"
    auth_scheme: Literal["Token", "Bearer"] = "Token"
    end_inclusive: bool = True
    refuse_large_pages: bool = False
    refuse_past_end: bool = False
    unknown_is_unfiltered: bool = False
    whole_months: bool = False
    yesterday_late: bool = False
    between_pages: list[Callable[[], None]] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        with self.in_flight():
            if request.path == self.path:
                return django.add_slash(request)
            if request.path != f"{self.path}/":
                return django.no_such_page()
            refusal = django.check_token(request, self.key, self.auth_scheme) or django.check_method(request)
            return refusal or self._answer_get(request)

    def _answer_get(self, request: Request) -> Response:
        try:
            query = read_query(request, self.now().date())
            return json_response(200, self._make_page(query))
        except RefusedError as refusal:
            return json_response(refusal.status, {"detail": str(refusal)})

    def _make_page(self, query: AdverityQuery) -> dict[str, Any]:
        if query.page_size > MAX_PAGE_SIZE and self.refuse_large_pages:
            raise RefusedError(400, f"page_size: Ensure this value is less than or equal to {MAX_PAGE_SIZE}.")
        size = min(query.page_size, MAX_PAGE_SIZE)
        items = list(self._make_items(query))
        start, end = (query.page - 1) * size, query.page * size
        if start >= len(items) and query.page > 1 and self.refuse_past_end:
            raise RefusedError(404, "Invalid page.")
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
        present = self.now().date() - ONE_DAY * self.yesterday_late
        start = max(query.date_from, FIRST_DAY)
        end = present if query.date_to >= present else query.date_to + ONE_DAY * self.end_inclusive
        if not query.monthly:
            return daily(start, end)
        return whole_months(start, end, present) if self.whole_months else asked_months(start, end)

    def _choose_buckets(self, query: AdverityQuery) -> Iterator[tuple[Workspace, str | None]]:
        asked = query.datastream_ids
        known = (datastream_id for workspace in self.workspaces for datastream_id in workspace.datastream_ids)
        is_filtered = self._is_filtered(asked, known)
        for workspace in self._choose_workspaces(query.workspace_ids):
            for datastream_id in (None, *workspace.datastream_ids):
                if datastream_id in asked or not is_filtered:
                    yield workspace, datastream_id

    def _choose_workspaces(self, asked: tuple[str, ...]) -> list[Workspace]:
        is_filtered = self._is_filtered(asked, (workspace.id for workspace in self.workspaces))
        return [workspace for workspace in self.workspaces if workspace.id in asked or not is_filtered]

    def _is_filtered(self, asked: tuple[str, ...], known: Iterable[str]) -> bool:
        """Tell whether only what is ``asked`` is answered."""
        return bool(asked) and not (self.unknown_is_unfiltered and set(known).isdisjoint(asked))


def _make_item(day: date, workspace: Workspace, datastream_id: str | None, rows: Rows) -> Item:
    return {
        "date": day.isoformat(),
        "workspace_id": workspace.id,
        "workspace_name": workspace.name,
        "datastream_id": datastream_id,
        "unique_rows": rows.unique,
        "total_rows": rows.total,
    }
