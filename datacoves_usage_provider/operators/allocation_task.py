"""The allocating task as one loop: from an Airflow's task instances to the warehouse, some days at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, timezone
from functools import partial
from typing import Any

from datacoves_usage_provider.allocation.pods import measure_days
from datacoves_usage_provider.allocation.replacement import Replacement
from datacoves_usage_provider.allocation.shares import choose_method
from datacoves_usage_provider.allocation.source import AirflowSource
from datacoves_usage_provider.allocation.warehouse import AllocationWarehouse
from datacoves_usage_provider.operators.allocation_arguments import AllocationArguments
from datacoves_usage_provider.operators.allocation_report import AllocationReport
from datacoves_usage_provider.operators.allocation_warnings import DAYS_COMPARED, find_warnings
from datacoves_usage_provider.operators.plan import cut_to_complete_days, days_before, group_days
from datacoves_usage_provider.period import get_period
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

_DAYS_AT_ONCE = 7
"""Each reading looks through the whole table of task instances; more days at once need more memory."""


def allocate(arguments: AllocationArguments, dag_run: Any, log: logging.Logger) -> dict[str, Any]:
    """Allocate what ``arguments`` ask for in ``dag_run``, and return the operator's XCom value."""
    now = datetime.now(timezone.utc)
    wanted = arguments.window or get_period(dag_run, arguments.period, now)
    period = cut_to_complete_days(wanted, now)
    source = AirflowSource.connect(arguments.airflow_conn_id, arguments.airflow_schema)
    with closing(AllocationWarehouse.connect(arguments.sql_conn_id, arguments.schema)) as warehouse:
        warehouse.prepare()
        environment = warehouse.find_environment(arguments.sub_account_id, arguments.billing_account_id)
        report = AllocationReport(environment, period, log)
        report.warn(warehouse.warnings)
        if wanted != period:
            report.warn([f"{wanted} is cut to {period}: a day that is still running is never allocated."])
        provenance = {"x_conn_id": arguments.airflow_conn_id, "x_dag_id": dag_run.dag_id, "x_run_id": dag_run.run_id}
        method = choose_method(arguments.pod_per_task)
        for window in _plan(period, arguments, partial(warehouse.find_unequal_days, environment)):
            reading = source.read(window)
            replacement = Replacement(environment, method, reading.labels, arguments.team_tag_prefix, provenance)
            days = warehouse.allocate(measure_days(reading.runs, window), replacement)
            report.add(window, days)
            startups = warehouse.read_startups(environment, days_before(window, DAYS_COMPARED) + window.days)
            report.warn(find_warnings(str(environment), days, startups, arguments.airflow_conn_id))
    return report.finish()


def _plan(
    period: UsageWindow, arguments: AllocationArguments, find_unequal_days: Callable[[Sequence[date]], set[date]]
) -> Iterator[UsageWindow]:
    """Yield the period and its lookback, and then the days to catch up with, some days at a time."""
    current = UsageWindow(period.start - ONE_DAY * arguments.lookback_days, period.end)
    unequal = find_unequal_days(days_before(period, arguments.catch_up_days))
    for window in (current, *group_days(day for day in unequal if day not in current)):
        yield from window.chunks(_DAYS_AT_ONCE)
