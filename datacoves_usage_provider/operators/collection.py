"""From a usage connection to the warehouse and to totals: what the operator's task does."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import Any

from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.hooks.lookup import get_hook
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.operators.arguments import CollectArguments
from datacoves_usage_provider.period import get_period
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.totals import UsageTotals
from datacoves_usage_provider.warehouse.load import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import ONE_DAY, UsageWindow


def collect(arguments: CollectArguments, dag_run: Any, log: logging.Logger) -> dict[str, Any]:
    """Fetch, load and total what ``arguments`` ask for in ``dag_run``; return the operator's XCom value."""
    now = datetime.now(timezone.utc)
    window = cut_to_complete_days(arguments.window or get_period(dag_run, arguments.period, now), now, log)
    hook = get_hook(arguments.usage_conn_id, "usage API", UsageHook)
    if arguments.sql_conn_id is None:
        chunks = hook.read(UsageQuery(window, arguments.filters))
        return _summarise(_log_progress(chunks, window, "read", log), window, dry_run=True)
    warehouse = Warehouse.connect(arguments.sql_conn_id, arguments.schema)
    asked = _look_back(window, arguments)
    provenance = Provenance(hook.usage_conn_id, dag_run.dag_id, dag_run.run_id)
    chunks = _load(hook.read(UsageQuery(asked, arguments.filters)), warehouse, provenance)
    return _summarise(_log_progress(chunks, asked, "loaded", log), window, dry_run=False)


def cut_to_complete_days(window: UsageWindow, now: datetime, log: logging.Logger) -> UsageWindow:
    """Return the days of ``window`` that are over at ``now``, with a warning if some are not; an error if none is."""
    today = now.astimezone(timezone.utc).date()
    if window.end <= today:
        return window
    if window.start >= today:
        raise UsageConfigError(
            f"Nothing of {window} can be collected yet: the last complete UTC day is {today - ONE_DAY}, and the "
            "usage of a day that is still running is never loaded."
        )
    cut = UsageWindow(window.start, today)
    log.warning("%s is cut to %s: a day that is still running is never loaded.", window, cut)
    return cut


def _look_back(window: UsageWindow, arguments: CollectArguments) -> UsageWindow:
    if arguments.window is not None:
        return window
    return UsageWindow(window.start - ONE_DAY * arguments.lookback_days, window.end)


def _load(chunks: Iterable[UsageChunk], warehouse: Warehouse, provenance: Provenance) -> Iterator[UsageChunk]:
    """Yield each chunk once it is in the warehouse, and only then ask for the next."""
    warehouse.prepare()
    for chunk in chunks:
        warehouse.load(chunk, provenance)
        yield chunk


def _log_progress(
    chunks: Iterable[UsageChunk], asked: UsageWindow, done: str, log: logging.Logger
) -> Iterator[UsageChunk]:
    total = len(asked.days)
    days = 0
    started = time.monotonic()
    for chunk in chunks:
        days += len(chunk.days)
        log.info(
            "%s account %r: %s %s (%d of %d days): %d requests, %d retries, %d records, %.1f seconds.",
            chunk.service_provider_name,
            chunk.billing_account_id,
            done,
            chunk.window,
            days,
            total,
            chunk.requests,
            chunk.retries,
            len(chunk.records),
            time.monotonic() - started,
        )
        yield chunk
        started = time.monotonic()


def _summarise(chunks: Iterable[UsageChunk], window: UsageWindow, dry_run: bool) -> dict[str, Any]:
    totals = UsageTotals()
    days = records = 0
    for chunk in chunks:
        totals.add(record for record in chunk.records if record.charge_period_start in window)
        days += len(chunk.days)
        records += len(chunk.records)
    return {
        "service_provider_name": chunk.service_provider_name,
        "billing_account_id": chunk.billing_account_id,
        "window": {"start": str(window.start), "end": str(window.end)},
        "totals": [total.to_json() for total in totals.get()],
        "loaded": None if dry_run else {"days": days, "records": records},
    }
