"""From a usage connection to the warehouse and to totals: what the operator's task does."""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from typing import Any

from datacoves_usage_provider.hooks.filters import check_filters, get_scope
from datacoves_usage_provider.hooks.lookup import get_hook
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.operators.arguments import CollectArguments
from datacoves_usage_provider.operators.days import cut_to_complete_days, days_before, group_days
from datacoves_usage_provider.operators.progress import Progress
from datacoves_usage_provider.period import get_period
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.totals import UsageTotals
from datacoves_usage_provider.warehouse.load import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import UsageWindow


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
    totals = UsageTotals()
    for window in windows:
        for chunk in hook.read(UsageQuery(window, arguments.filters)):
            # Loaded before the next chunk is asked for.
            if warehouse is None:
                progress.add_read(chunk)
            else:
                progress.add_load(chunk, warehouse.load(chunk, provenance))
            totals.add(record for record in chunk.records if record.charge_period_start in period)
    return {
        "service_provider_name": hook.service_provider_name,
        "billing_account_id": hook.get_settings().billing_account_id,
        "window": {"start": str(period.start), "end": str(period.end)},
        "totals": [total.to_json() for total in totals.get()],
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
    """Return the period's days, those before it that are read again, and those that the load log lacks."""
    if arguments.window is not None:
        return [period]
    missing = warehouse.find_missing_days(
        hook.service_provider_name,
        hook.get_settings().billing_account_id,
        days_before(period, arguments.catch_up_days),
        get_scope(hook, UsageQuery(period, arguments.filters)),
    )
    return list(group_days([*missing, *days_before(period, arguments.lookback_days), *period.days]))
