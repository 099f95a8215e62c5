"""What the Test button sends, and what it found in words."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone

from datacoves_usage_provider.api.reader import UsageReader
from datacoves_usage_provider.api.usage_api import UsageApi, UsagePage
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.text import count
from datacoves_usage_provider.window import ONE_DAY, UsageWindow, utc_period

TIMEOUT = 10.0
"""Seconds in all; a shorter one of the connection counts."""
_DAYS = 7


def try_request(api: UsageApi, settings: ClientSettings, log: logging.Logger) -> str:
    """Send the first request for the last seven days, once; return what it found, or raise a ``UsageError``."""
    today = utc_period(datetime.now(timezone.utc), "day").start
    window = UsageWindow(today - ONE_DAY * _DAYS, today)
    limited = replace(settings, timeout=min(settings.timeout, TIMEOUT))
    request = next(iter(api.get_requests(limited, UsageQuery(window))), None)
    if request is None:
        raise UsageConfigError(f"{type(api).__name__} requests nothing for {window}, so the key cannot be tested.")
    with closing(UsageSession(limited, log, api.reach_hint, max_tries=1, longest=limited.timeout)) as session:
        page = UsageReader(api, session).read_page(request, limited.timeout)
    return f"{api.service_provider_name} accepts the key: {_summarize(page, window, api.sub_account_noun)}."


def _summarize(page: UsagePage, window: UsageWindow, noun: str) -> str:
    records = [record for record in page.records if record.charge_period_start in window]
    if not records:
        return "no usage found"
    found = count(len({record.sub_account_id for record in records}), noun)
    if page.next_request is not None:
        return f"{found} or more"
    return f"{found}, usage up to {max(record.charge_period_start for record in records)}"
