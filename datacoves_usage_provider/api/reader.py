"""From a query to checked chunks of records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from operator import attrgetter
from typing import TypeVar

from datacoves_usage_provider.api.agreement import Contradiction, merge
from datacoves_usage_provider.api.result_pages import MAX_READINGS, read_all_pages
from datacoves_usage_provider.api.usage_api import UsageApi, UsagePage
from datacoves_usage_provider.chunk import BillingAccount, UsageChunk, VendorMonth
from datacoves_usage_provider.client.concurrency import map_concurrently
from datacoves_usage_provider.client.error_responses import check_response
from datacoves_usage_provider.client.redaction import MASK
from datacoves_usage_provider.client.request import Response, UsageRequest
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.exceptions import UsageApiUnavailableError, UsageDataError
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.query import Scope, UsageQuery
from datacoves_usage_provider.records import TEXT_FIELDS, UsageRecord, add_up, check_all_fit, describe
from datacoves_usage_provider.text import list_warnings, quote, shorten
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

T = TypeVar("T")

_LONGEST_SENTENCE = 500
_get_day = attrgetter("charge_period_start")


@dataclass(frozen=True)
class UsageReader:
    """Reads ``api`` through ``session``. Every error is a ``UsageError``."""

    api: UsageApi
    session: UsageSession

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
        records = _check(self._read_all(requests).records, query.window, self.api.meters)
        for record in records:
            if record.charge_period_start != query.window.start:
                raise UsageDataError(f"{describe(record)}: a monthly figure must be dated the first day of its month.")
        return VendorMonth(self.account, query.window.start, scope, records)

    def read_page(self, request: UsageRequest) -> UsagePage:
        """Return what one response says, or raise the error for its status or its shape."""
        (page,) = self._map(self._read_page, [request])
        return page

    def _read_chunk(self, query: UsageQuery, scope: Scope) -> UsageChunk:
        sent, retries = self.session.requests_sent, self.session.retries
        requested_at = datetime.now(timezone.utc)
        reading = self._read_all(self.api.get_requests(self.session.settings, query))
        checked = _check(reading.records, query.window, self.api.meters)
        covered = set(self.api.get_covered_days(query.window, checked, requested_at))
        days = tuple(day for day in query.window.days if day in covered)
        records = _keep(days, checked)
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
        said = ""
        for _ in range(MAX_READINGS):
            readings = self._map(self._read_request, requests)
            try:
                records = merge((request, reading.records) for request, reading in zip(requests, readings, strict=True))
            except Contradiction as contradiction:
                said = str(contradiction)
            else:
                return _Reading(records, [warning for reading in readings for warning in reading.warnings])
        raise UsageApiUnavailableError(
            f"{self.account}: responses contradict each other, {MAX_READINGS} times in a row: {said}. None of them "
            "were loaded. Airflow's retries will try again later."
        )

    def _read_request(self, request: UsageRequest) -> _Reading:
        pages = read_all_pages(request, self._read_page)
        records = [record for page in pages for record in page.records]
        if self.api.ignores_unknown_values:  # if it knows none of them, it may respond as if there were no filter
            records = [record for record in records if record in request.scope]
        _check_days(records, request.window)
        _check_scope(records, request.scope)
        return _Reading(
            list(_keep(request.window.days, records)), [warning for page in pages for warning in page.warnings]
        )

    def _map(self, read: Callable[[UsageRequest], T], requests: Iterable[UsageRequest]) -> list[T]:
        return map_concurrently(read, requests, self.api.concurrency, self.session.stop)

    def _read_page(self, request: UsageRequest) -> UsagePage:
        return self.session.get(request, lambda response: self._parse(request, response))

    def _parse(self, request: UsageRequest, response: Response) -> UsagePage:
        self._check(request, response)
        if (status := self.api.get_error_status(response.body)) is not None:
            self._check(request, replace(response, status=status, reason="(an error in a response with status 200)"))
        page = self.api.parse_response(request, response.body)
        records = tuple(page.records)
        self._check_key_is_no_name(records, response.leaked_key)
        return replace(page, records=records, warnings=tuple(map(self._clean, page.warnings)))

    def _clean(self, warning: str) -> str:
        return shorten(self.session.redact(warning), _LONGEST_SENTENCE)

    def _check_key_is_no_name(self, records: Collection[UsageRecord], is_masked: bool) -> None:
        """Look for the key, and for its mask if the response was masked, in each distinct text of ``records``."""
        texts = {text for name in TEXT_FIELDS for text in set(map(attrgetter(name), records)) if isinstance(text, str)}
        all_texts = "\n".join(texts)
        if self.session.redact(all_texts) != all_texts or (is_masked and MASK in all_texts):
            raise UsageDataError(
                "The response repeats the API key as a name or an id. None of it was loaded. Ask the vendor why."
            )

    def _check(self, request: UsageRequest, response: Response) -> None:
        conn_id = self.session.settings.conn_id
        check_response(response, request, conn_id, self.api.parse_error, self.api.remedies)


@dataclass(frozen=True)
class _Reading:
    records: list[UsageRecord]
    warnings: list[str]


def _check(records: Collection[UsageRecord], window: UsageWindow, meters: Collection[Meter]) -> tuple[UsageRecord, ...]:
    """Return the records of ``window``, one for each key, if the warehouse can hold them."""
    _check_meters(records, meters)
    added_up = add_up(_keep(window.days, records))
    check_all_fit(added_up)
    return added_up


def _check_meters(records: Collection[UsageRecord], meters: Collection[Meter]) -> None:
    for meter in set(map(attrgetter("meter"), records)).difference(meters):
        record = next(record for record in records if record.meter == meter)
        raise UsageDataError(f"{describe(record)}: the API does not declare {meter}. Add it to the API's meters.")


def _check_days(records: Collection[UsageRecord], window: UsageWindow) -> None:
    """Allow the days of ``window`` and its two neighbours, which are there if an API's end is inclusive."""
    for day in set(map(attrgetter("charge_period_start"), records)):
        is_date = type(day) is date  # an API of another package may give a datetime, which is a kind of date
        if not is_date or window.start - day > ONE_DAY or day > window.end:
            record = next(record for record in records if record.charge_period_start == day)
            problem = f"only {window} was requested" if is_date else "charge_period_start is not a date"
            raise UsageDataError(f"{describe(record)}: {problem}. None of the response was loaded.")


def _check_scope(records: Iterable[UsageRecord], scope: Scope) -> None:
    for name, wanted in scope.narrowed.items():
        for record in records:
            if getattr(record, name) not in wanted:
                raise UsageDataError(
                    f"{describe(record)}: the response has {name} {quote(getattr(record, name))}, but "
                    f"only {shorten(', '.join(wanted), _LONGEST_SENTENCE)} was requested."
                )


def _keep(days: Iterable[date], records: Collection[UsageRecord]) -> tuple[UsageRecord, ...]:
    wanted = set(days)
    if wanted.issuperset(map(_get_day, records)):
        return tuple(records)
    return tuple(record for record in records if record.charge_period_start in wanted)
