"""From a usage connection to the warehouse and to totals: what the operator's task does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timezone
from typing import Any

from datacoves_usage_provider.hooks.filters import check_filters, get_scope
from datacoves_usage_provider.hooks.lookup import get_hook
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.operators.arguments import CollectArguments
from datacoves_usage_provider.operators.days import cut_to_complete_days, days_before, group_days
from datacoves_usage_provider.operators.period_totals import PeriodTotals
from datacoves_usage_provider.operators.progress import Progress
from datacoves_usage_provider.period import get_period
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.warehouse.provenance import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import ONE_DAY, UsageWindow


def collect(arguments: CollectArguments, dag_run: Any, log: logging.Logger) -> dict[str, Any]:
    """Fetch, load and total what ``arguments`` ask for in ``dag_run``; return the operator's XCom value."""
    now = datetime.now(timezone.utc)
    period = cut_to_complete_days(arguments.window or get_period(dag_run, arguments.period, now), now, log)
    hook = get_hook(arguments.usage_conn_id, "usage API", UsageHook)
    check_filters(hook, arguments.filters)
    warehouse = _open_warehouse(arguments)
    windows = [period] if warehouse is None else _choose_windows(hook, warehouse, period, arguments)
    provenance = Provenance(hook.usage_conn_id, dag_run.dag_id, dag_run.run_id)
    progress = Progress(sum(len(window.days) for window in windows), log)
    totals = PeriodTotals(period)
    for window in windows:
        with _telling_what_is_loaded(windows[0], window, log):
            for chunk in hook.read(UsageQuery(window, arguments.filters)):
                # Loaded before the next chunk is asked for.
                if warehouse is None:
                    progress.add_read(chunk)
                else:
                    progress.add_load(chunk, warehouse.load(chunk, provenance))
                totals.add(chunk)
    if totals.days_not_covered:
        _warn_of_uncovered(log, hook, totals.days_not_covered)
    elif _is_whole_month(arguments, period):
        _add_vendor_month(hook, warehouse, UsageQuery(period, arguments.filters), provenance, totals)
    return {
        "service_provider_name": hook.service_provider_name,
        "billing_account_id": hook.get_settings().billing_account_id,
        "window": {"start": str(period.start), "end": str(period.end)},
        "totals": totals.to_json(),
        "loaded": None if warehouse is None else progress.to_json(),
    }


def _open_warehouse(arguments: CollectArguments) -> Warehouse | None:
    if arguments.sql_conn_id is None:
        return None
    warehouse = Warehouse.connect(arguments.sql_conn_id, arguments.schema)
    warehouse.prepare()
    return warehouse


def _choose_windows(
    hook: UsageHook, warehouse: Warehouse, period: UsageWindow, arguments: CollectArguments
) -> list[UsageWindow]:
    """
    Return the period with the days before it that are read again, then those days that the load log lacks.

    In this order, a missed day that cannot be loaded does not keep the period out.
    """
    if arguments.window is not None:
        return [period]
    current = UsageWindow(period.start - ONE_DAY * arguments.lookback_days, period.end)
    missing = warehouse.find_missing_days(
        hook.service_provider_name,
        hook.get_settings().billing_account_id,
        days_before(period, arguments.catch_up_days),
        get_scope(hook, UsageQuery(period, arguments.filters)),
    )
    return [current, *group_days(day for day in missing if day not in current)]


def _is_whole_month(arguments: CollectArguments, period: UsageWindow) -> bool:
    return arguments.window is None and arguments.period == "month" and period.end.day == 1


def _add_vendor_month(
    hook: UsageHook, warehouse: Warehouse | None, query: UsageQuery, provenance: Provenance, totals: PeriodTotals
) -> None:
    """Read the vendor's own figures of a complete month, where it has any, keep them and add them to the totals."""
    month = hook.read_month(query)
    if month is None:
        return
    if warehouse is not None:
        warehouse.load_month(month, provenance)
    totals.add_vendor_month(month)


def _warn_of_uncovered(log: logging.Logger, hook: UsageHook, days: list[date]) -> None:
    log.warning(
        "%s does not cover %s yet, so nothing is loaded of it: a later run with catch_up_days brings it.",
        hook.service_provider_name,
        ", ".join(map(str, days)),
    )


@contextmanager
def _telling_what_is_loaded(first: UsageWindow, window: UsageWindow, log: logging.Logger) -> Iterator[None]:
    """Of an error in a later window than the ``first``, log what is loaded nevertheless; it passes through."""
    try:
        yield
    except Exception:
        if window != first:
            log.error(
                "%s is loaded. What failed is to catch up on %s; runs try it again as far back as catch_up_days goes.",
                first,
                window,
            )
        raise
