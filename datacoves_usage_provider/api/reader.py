"""From a query to checked chunks of records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial

from datacoves_usage_provider.api.agreement import Contradiction, Merged, merge
from datacoves_usage_provider.api.page_parser import PageParser
from datacoves_usage_provider.api.result_pages import MAX_READINGS, make_torn_error, read_all_pages
from datacoves_usage_provider.api.usage_api import UsageApi, UsagePage
from datacoves_usage_provider.chunk import BillingAccount, UsageChunk, VendorMonth
from datacoves_usage_provider.client.concurrency import map_concurrently
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.exceptions import UsageApiUnavailableError, UsageDataError
from datacoves_usage_provider.query import Scope, UsageQuery
from datacoves_usage_provider.records import UsageRecord, check_numbers_fit, describe
from datacoves_usage_provider.text import list_warnings
from datacoves_usage_provider.window import UsageWindow

_LAST_MOMENTS = 0.5


@dataclass(frozen=True)
class UsageReader:
    """Reads ``api`` through ``session``. Every error is a ``UsageError``; one about a response names the connection."""

    api: UsageApi
    session: UsageSession

    @property
    def account(self) -> BillingAccount:
        return BillingAccount(self.api.service_provider_name, self.session.settings.billing_account_id)

    def read(self, query: UsageQuery) -> Iterator[UsageChunk]:
        """Yield the usage of ``query`` in chunks, oldest first; each is requested when the last has been taken."""
        for window in query.window.chunks(self.api.max_days):
            yield self.read_chunk(replace(query, window=window))

    def read_chunk(self, query: UsageQuery) -> UsageChunk:
        """Return the usage of ``query``, whose window has at most the ``max_days`` of the API."""
        scope = self.api.get_scope(query.filters)
        sent, retries = self.session.requests_sent, self.session.retries
        requested_at = datetime.now(timezone.utc)
        with self.session.named_in_errors():
            found, warnings = self._read_all(self.api.get_requests(self.session.settings, query), query.window)
            covered = set(self.api.get_covered_days(query.window, found.records, requested_at))
        records = tuple(record for record in found.records if record.charge_period_start in covered)
        return UsageChunk(
            account=self.account,
            window=query.window,
            days=tuple(day for day in query.window.days if day in covered),
            scope=scope,
            records=records,
            requests=self.session.requests_sent - sent,
            retries=self.session.retries - retries,
            unseen=scope.find_unseen(records) if self.api.ignores_unknown_values else Scope(),
            empty=found.empty,
            warnings=(*list_warnings(warnings), *self.api.find_undocumented(found.records)),
        )

    def read_month(self, query: UsageQuery) -> VendorMonth | None:
        """Return the vendor's own figures of the whole UTC month that is ``query``'s window; None: it has none."""
        scope = self.api.get_scope(query.filters)
        with self.session.named_in_errors():
            requests = list(self.api.get_month_requests(self.session.settings, query))
            if not requests:
                return None
            found, _ = self._read_all(requests, query.window)
            _check_dates(found.records, query.window)
        return VendorMonth(self.account, query.window.start, scope, found.records)

    def read_page(self, request: UsageRequest, seconds: float) -> UsagePage:
        """
        Return what one response says, or raise the error for its status or its shape.

        ``seconds`` also limit what a request has no limit for: the lookup of its host and connecting to one address
        after the other. They are exceeded by half a second, in which a request may end with an error that says more.
        """
        with self.session.named_in_errors():
            try:
                (page,) = map_concurrently(self._get_page, [request], 1, self.session.stop, seconds + _LAST_MOMENTS)
            except futures.TimeoutError as error:
                raise UsageApiUnavailableError(
                    f"No complete response from {request.url} within {seconds:g} seconds: check the network. "
                    f"{self.api.reach_hint}".rstrip()
                ) from error
        return page

    @property
    def _get_page(self) -> Callable[[UsageRequest], UsagePage]:
        return partial(self.session.get, parse=PageParser(self.api, self.session).parse)

    def _read_all(self, requests: Iterable[UsageRequest], window: UsageWindow) -> tuple[Merged, list[str]]:
        """
        Return the records of ``window``, and the warnings on all pages of all ``requests``.

        As many are sent at once as the API allows. If usage moves while they are read, responses may contradict each
        other. Then all are read again, at most three times.
        """
        requests = list(requests)
        read_request = partial(read_all_pages, get_page=self._get_page)
        contradiction = ""
        for _ in range(MAX_READINGS):
            readings = map_concurrently(read_request, requests, self.api.concurrency, self.session.stop)
            try:
                merged = merge(window, zip(requests, readings, strict=True))
            except Contradiction as error:
                contradiction = f": {error}"
            else:
                check_numbers_fit(merged.records)
                return merged, [warning for pages in readings for page in pages for warning in page.warnings]
        raise make_torn_error(f"{self.account}: responses contradict each other", contradiction)


def _check_dates(figures: Iterable[UsageRecord], month: UsageWindow) -> None:
    for record in figures:
        if record.charge_period_start != month.start:
            raise UsageDataError(f"{describe(record)}: a monthly figure must be dated the first day of its month.")
