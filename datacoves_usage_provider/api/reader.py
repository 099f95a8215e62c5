"""From a query to checked chunks of records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial

from datacoves_usage_provider.api.agreement import Contradiction, merge
from datacoves_usage_provider.api.checks import check_and_add_up, check_days, check_scope, keep_days
from datacoves_usage_provider.api.page_parser import PageParser
from datacoves_usage_provider.api.result_pages import MAX_READINGS, make_torn_error, read_all_pages
from datacoves_usage_provider.api.usage_api import UsageApi, UsagePage
from datacoves_usage_provider.chunk import BillingAccount, UsageChunk, VendorMonth
from datacoves_usage_provider.client.concurrency import map_concurrently
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.query import Scope, UsageQuery
from datacoves_usage_provider.records import UsageRecord, describe
from datacoves_usage_provider.text import list_warnings


@dataclass(frozen=True)
class UsageReader:
    """Reads ``api`` through ``session``. Every error is a ``UsageError``."""

    api: UsageApi
    session: UsageSession

    @property
    def _get_page(self) -> Callable[[UsageRequest], UsagePage]:
        return partial(self.session.get, parse=PageParser(self.api, self.session).parse)

    @property
    def account(self) -> BillingAccount:
        return BillingAccount(self.api.service_provider_name, self.session.settings.billing_account_id)

    def read(self, query: UsageQuery) -> Iterator[UsageChunk]:
        """Yield the usage of ``query`` in chunks, oldest first; each is requested when the last has been taken."""
        scope = self.api.get_scope(query.filters)
        for window in query.window.chunks(self.api.max_days):
            yield self._read_chunk(replace(query, window=window), scope)

    def read_month(self, query: UsageQuery) -> VendorMonth | None:
        """Return the vendor's own figures of the whole month that is ``query``'s window; None: it has none."""
        scope = self.api.get_scope(query.filters)
        requests = list(self.api.get_month_requests(self.session.settings, query))
        if not requests:
            return None
        records = check_and_add_up(self._read_all(requests).records, query.window, self.api.meters)
        for record in records:
            if record.charge_period_start != query.window.start:
                raise UsageDataError(f"{describe(record)}: a monthly figure must be dated the first day of its month.")
        return VendorMonth(self.account, query.window.start, scope, records)

    def read_page(self, request: UsageRequest) -> UsagePage:
        """Return what one response says, or raise the error for its status or its shape."""
        (page,) = map_concurrently(self._get_page, [request], 1, self.session.stop)
        return page

    def _read_chunk(self, query: UsageQuery, scope: Scope) -> UsageChunk:
        sent, retries = self.session.requests_sent, self.session.retries
        requested_at = datetime.now(timezone.utc)
        reading = self._read_all(self.api.get_requests(self.session.settings, query))
        checked = check_and_add_up(reading.records, query.window, self.api.meters)
        covered = set(self.api.get_covered_days(query.window, checked, requested_at))
        days = tuple(day for day in query.window.days if day in covered)
        records = keep_days(checked, days)
        return UsageChunk(
            account=self.account,
            window=query.window,
            days=days,
            scope=scope,
            records=records,
            requests=self.session.requests_sent - sent,
            retries=self.session.retries - retries,
            unseen=scope.find_unseen(records) if self.api.ignores_unknown_values else Scope(),
            warnings=(*list_warnings(reading.warnings), *self.api.find_undocumented(checked)),
        )

    def _read_all(self, requests: Iterable[UsageRequest]) -> _Reading:
        """
        Return what all pages of all ``requests`` say, as many at once as the API allows.

        If usage moves while they are read, responses may contradict each other. Then all are read again, at most
        three times.
        """
        requests = list(requests)
        contradiction = ""
        for _ in range(MAX_READINGS):
            readings = map_concurrently(self._read_request, requests, self.api.concurrency, self.session.stop)
            try:
                records = merge((request, reading.records) for request, reading in zip(requests, readings, strict=True))
            except Contradiction as error:
                contradiction = f": {error}"
            else:
                return _Reading(records, [warning for reading in readings for warning in reading.warnings])
        raise make_torn_error(f"{self.account}: responses contradict each other", contradiction)

    def _read_request(self, request: UsageRequest) -> _Reading:
        pages = read_all_pages(request, self._get_page)
        records = [record for page in pages for record in page.records]
        if self.api.ignores_unknown_values:  # if it knows none of them, it may respond as if there were no filter
            records = [record for record in records if record in request.scope]
        check_days(records, request.window)
        check_scope(records, request.scope)
        warnings = [warning for page in pages for warning in page.warnings]
        return _Reading(keep_days(records, request.window.days), warnings)


@dataclass(frozen=True)
class _Reading:
    records: Sequence[UsageRecord]
    warnings: list[str]
