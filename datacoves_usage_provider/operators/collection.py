"""The collecting task as one loop: from a usage connection to the warehouse, chunk by chunk."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import datetime, timezone
from typing import Any

from datacoves_usage_provider.connections import get_hook
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.operators.arguments import CollectArguments
from datacoves_usage_provider.operators.collection_report import CollectionReport
from datacoves_usage_provider.operators.plan import cut_to_complete_days, days_before, make_plan
from datacoves_usage_provider.period import get_period
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.warehouse.dry_run import DryRun
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import UsageWindow


def collect(arguments: CollectArguments, dag_run: Any, log: logging.Logger) -> CollectionReport:
    """Fetch, load and total what ``arguments`` ask for in ``dag_run``."""
    now = datetime.now(timezone.utc)
    wanted = arguments.window or get_period(dag_run, arguments.period, now)
    period = cut_to_complete_days(wanted, now)
    hook = get_hook(arguments.usage_conn_id, "usage API", UsageHook)
    scope = hook.api.get_scope(arguments.filters)
    warnings = hook.find_warnings()  # settings and filters are checked before anything is opened
    with closing(_open_warehouse(arguments)) as warehouse, hook.open_reader() as reader:
        earlier = days_before(period, arguments.catch_up_days)
        missing = warehouse.prepare_and_find_missing_days(reader.account, earlier, scope)
        plan = make_plan(period, arguments, missing)
        report = CollectionReport(reader.account, plan, log)
        report.warn([*_describe_cut(wanted, period), *warnings, *warehouse.warnings])
        provenance = Provenance(hook.usage_conn_id, dag_run.dag_id, dag_run.run_id)

        def load(window: UsageWindow) -> None:
            for part in window.chunks(hook.api.max_days):
                chunk = reader.read_chunk(UsageQuery(part, arguments.filters))
                report.add(chunk, warehouse.load(chunk, provenance, arguments.allow_empty))
                del chunk  # otherwise it would stay in memory while the next one is read

        load(plan.current)
        if plan.is_whole_month and report.is_complete:
            month = reader.read_month(UsageQuery(period, arguments.filters))
            if month is not None:
                warehouse.load_month(month, provenance, arguments.allow_empty)
                report.add_month(month)
        for missed in plan.missed:
            with report.catching_up(missed):
                load(missed)
    return report


def _open_warehouse(arguments: CollectArguments) -> Warehouse | DryRun:
    return Warehouse.connect(arguments.sql_conn_id, arguments.schema) if arguments.sql_conn_id else DryRun()


def _describe_cut(wanted: UsageWindow, period: UsageWindow) -> list[str]:
    return [] if period == wanted else [f"{wanted} is cut to {period}: a day that is still running is never loaded."]
