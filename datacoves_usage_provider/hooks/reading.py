"""From the requests of one chunk to its checked records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from datacoves_usage_provider.chunk import UsageChunk, check_in_scope
from datacoves_usage_provider.client.redaction import MASK
from datacoves_usage_provider.client.refusal import check_answer
from datacoves_usage_provider.client.request import Answer, UsageRequest
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.hooks.filters import get_scope, warn_of_undocumented
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import UsageRecord, add_up, check_fits

if TYPE_CHECKING:
    from datacoves_usage_provider.hooks.usage import UsageHook


def read_chunk(hook: UsageHook, session: UsageSession, query: UsageQuery) -> UsageChunk:
    """Return all of ``query``, whose window is one chunk's; a ``UsageError`` if any of it is missing or wrong."""
    sent, retries = session.requests_sent, session.retries
    answered: list[UsageRecord] = []
    for request in hook.get_requests(session.base_url, query):
        answered += ask(hook, session, request, query)
    records = add_up(answered)
    for record in records:
        check_fits(record)
    warn_of_undocumented(hook, records)
    return UsageChunk(
        service_provider_name=hook.service_provider_name,
        billing_account_id=session.billing_account_id,
        window=query.window,
        days=query.window.days,
        scope=get_scope(hook, query),
        records=records,
        requests=session.requests_sent - sent,
        retries=session.retries - retries,
    )


def ask(hook: UsageHook, session: UsageSession, request: UsageRequest, query: UsageQuery) -> list[UsageRecord]:
    """Return the records of one request that are of the window's days, each of them within what was asked for."""

    def parse(answer: Answer) -> list[UsageRecord]:
        check_answer(answer, request, hook.usage_conn_id, hook.parse_refusal)
        parsed = hook.parse_answer(request, answer.body)
        records = [record for record in parsed if record.charge_period_start in query.window]
        check_in_scope(records, request.scope)
        if answer.told_key:
            _check_tells_no_key(records)
        return records

    return session.get(request, parse)


def _check_tells_no_key(records: Iterable[UsageRecord]) -> None:
    names = ("sub_account_id", "sub_account_name", "service_name", "resource_id", "resource_name")
    if any(MASK in getattr(record, name) for record in records for name in names):
        raise UsageDataError("The answer repeats the API key as the name of something; it was not loaded.")
