"""From the requests of one chunk, or of one month's own figures, to checked records."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

from datacoves_usage_provider.chunk import UsageChunk, VendorMonth, check_in_scope, find_unseen, is_in_scope
from datacoves_usage_provider.client.redaction import MASK
from datacoves_usage_provider.client.refusal import check_answer, honour_retry_after
from datacoves_usage_provider.client.request import Answer, UsageRequest
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.client.side_by_side import call_side_by_side
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.hooks.filters import get_scope, warn_of_undocumented
from datacoves_usage_provider.hooks.page import UsagePage
from datacoves_usage_provider.hooks.paging import read_all_pages
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import UsageRecord, add_up, check_all_fit, describe
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

if TYPE_CHECKING:
    from datacoves_usage_provider.hooks.usage import UsageHook


def read_chunk(hook: UsageHook, session: UsageSession, query: UsageQuery) -> UsageChunk:
    """Return all of ``query``, whose window is one chunk's; a ``UsageError`` if any of it is missing or wrong."""
    sent, retries = session.requests_sent, session.retries
    asked_at = datetime.now(timezone.utc)
    answered = _ask_all(hook, session, hook.get_requests(session.settings, query))
    checked = _check(answered, query)
    warn_of_undocumented(hook, checked)
    covered = set(hook.get_covered_days(query.window, checked, asked_at))
    days = tuple(day for day in query.window.days if day in covered)
    records = _keep(days, checked)
    scope = get_scope(hook, query)
    return UsageChunk(
        service_provider_name=hook.service_provider_name,
        billing_account_id=session.settings.billing_account_id,
        window=query.window,
        days=days,
        scope=scope,
        records=records,
        requests=session.requests_sent - sent,
        retries=session.retries - retries,
        unseen=find_unseen(scope, records) if hook.ignores_unknown_values else {},
    )


def read_month(hook: UsageHook, session: UsageSession, query: UsageQuery) -> VendorMonth | None:
    """Return the vendor's own figures of the month that is ``query``'s window; None if its API has none."""
    requests = list(hook.get_month_requests(session.settings, query))
    if not requests:
        return None
    answered = _ask_all(hook, session, requests)
    records = _check(answered, query)
    for record in records:
        if record.charge_period_start != query.window.start:
            raise UsageDataError(f"{describe(record)}: a figure of a month must carry its first day.")
    return VendorMonth(
        service_provider_name=hook.service_provider_name,
        billing_account_id=session.settings.billing_account_id,
        month=query.window.start,
        scope=get_scope(hook, query),
        records=records,
    )


def ask(hook: UsageHook, session: UsageSession, request: UsageRequest) -> UsagePage:
    """Return what one answer says, or raise the ``UsageError`` that its status or its shape calls for."""

    def parse(answer: Answer) -> UsagePage:
        check_answer(answer, request, hook.usage_conn_id, hook.parse_refusal, hook.remedies)
        with honour_retry_after(answer):
            page = hook.parse_answer(request, answer.body)
            page = replace(page, records=tuple(page.records))
        if answer.told_key:
            _check_tells_no_key(page.records)
        return page

    return session.get(request, parse)


def _ask_all(hook: UsageHook, session: UsageSession, requests: Iterable[UsageRequest]) -> list[UsageRecord]:
    """Return the records of all pages of all ``requests``, asked as many at once as the API likes."""

    def read(request: UsageRequest) -> list[UsageRecord]:
        records = read_all_pages(request, lambda page: ask(hook, session, page))
        if hook.ignores_unknown_values:  # and, if it knows none of them, may answer as if there were no filter
            return [record for record in records if is_in_scope(record, request.scope)]
        check_in_scope(records, request.scope)
        return records

    answers = call_side_by_side(read, requests, hook.requests_at_once, session.stop)
    return [record for answer in answers for record in answer]


def _check(answered: Collection[UsageRecord], query: UsageQuery) -> tuple[UsageRecord, ...]:
    """Return the records of the days that were asked for, one for each key, if the warehouse can hold them."""
    _check_days(answered, query.window)
    records = add_up(_keep(query.window.days, answered))
    check_all_fit(records)
    return records


def _check_days(answered: Collection[UsageRecord], window: UsageWindow) -> None:
    """Let pass the days of ``window``, and the ones next to it, which come where an API counts its end in."""
    for day in {record.charge_period_start for record in answered}:
        is_date = type(day) is date  # a hook of another package may give a datetime, which is a kind of date
        if not is_date or window.start - day > ONE_DAY or day > window.end:
            record = next(record for record in answered if record.charge_period_start == day)
            said = f"a day that was not asked for, but {window}" if is_date else "not a date"
            raise UsageDataError(f"{describe(record)}: charge_period_start is {said}. Nothing of it was loaded.")


def _keep(days: Iterable[date], records: Iterable[UsageRecord]) -> tuple[UsageRecord, ...]:
    wanted = set(days)
    return tuple(record for record in records if record.charge_period_start in wanted)


def _check_tells_no_key(records: Iterable[UsageRecord]) -> None:
    names = ("sub_account_id", "sub_account_name", "service_name", "resource_id", "resource_name")
    if any(MASK in getattr(record, name) for record in records for name in names):
        raise UsageDataError("The answer repeats the API key as the name of something; it was not loaded.")
