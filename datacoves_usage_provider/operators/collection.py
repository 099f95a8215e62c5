"""From a usage connection to the warehouse and to totals: what the operator's task does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from datacoves_usage_provider.hooks.filters import check_filters
from datacoves_usage_provider.connections import get_hook
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.operators.arguments import CollectArguments
from datacoves_usage_provider.operators.days import cut_to_complete_days
from datacoves_usage_provider.operators.period_totals import PeriodTotals
from datacoves_usage_provider.operators.progress import Progress
from datacoves_usage_provider.operators.windows import choose_windows, is_whole_month
from datacoves_usage_provider.period import get_period
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.warehouse.provenance import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import UsageWindow


def collect(arguments: CollectArguments, dag_run: Any, log: logging.Logger) -> tuple[dict[str, Any], bool]:
    """
    Fetch, load and total what ``arguments`` ask for in ``dag_run``.

    Returns the operator's XCom value, and whether the API covered each day of its window.
    """
    now = datetime.now(timezone.utc)
    period = cut_to_complete_days(arguments.window or get_period(dag_run, arguments.period, now), now, log)
    hook = _open_hook(arguments, log)
    warehouse = _open_warehouse(arguments)
    current, *missed = choose_windows(hook, warehouse, period, arguments)
    provenance = Provenance(hook.usage_conn_id, dag_run.dag_id, dag_run.run_id)
    progress = Progress(len(current.days) + sum(len(window.days) for window in missed), log)
    totals = PeriodTotals(period, log)
    collection = _Collection(hook, warehouse, provenance, progress, totals)
    collection.load(UsageQuery(current, arguments.filters))
    if totals.are_complete and is_whole_month(period, arguments):
        collection.load_vendor_month(UsageQuery(period, arguments.filters))
    for window in missed:
        with _telling_what_is_loaded(current, window, log):
            collection.load(UsageQuery(window, arguments.filters))
    result = {
        "service_provider_name": hook.service_provider_name,
        "billing_account_id": hook.settings.billing_account_id,
        "window": {"start": str(period.start), "end": str(period.end)},
        "totals": totals.to_json(),
        "loaded": None if warehouse is None else progress.to_json(),
    }
    return result, totals.are_complete


@dataclass(frozen=True)
class _Collection:
    """One task's way from the API to the warehouse; without a warehouse it is a dry run."""

    hook: UsageHook
    warehouse: Warehouse | None
    provenance: Provenance
    progress: Progress
    totals: PeriodTotals

    def load(self, query: UsageQuery) -> None:
        """Load each chunk before the next is asked for."""
        for chunk in self.hook.read(query):
            if self.warehouse is None:
                self.progress.add_read(chunk)
            else:
                self.progress.add_load(chunk, self.warehouse.load(chunk, self.provenance))
            self.totals.add(chunk)
            del chunk  # or it would still be there while the next one is read

    def load_vendor_month(self, query: UsageQuery) -> None:
        """Load the vendor's own figures of a whole month, if it has any."""
        month = self.hook.read_month(query)
        if month is None:
            return
        if self.warehouse is not None:
            self.warehouse.load_month(month, self.provenance)
        self.progress.tell_vendor_month(month)
        self.totals.add_vendor_month(month)


def _open_hook(arguments: CollectArguments, log: logging.Logger) -> UsageHook:
    """Return the hook of the usage API, whose settings and filters are checked before anything else is opened."""
    hook = get_hook(arguments.usage_conn_id, "usage API", UsageHook)
    check_filters(hook, arguments.filters)
    for doubt in hook.find_doubts():
        log.warning(doubt)
    return hook


def _open_warehouse(arguments: CollectArguments) -> Warehouse | None:
    if arguments.sql_conn_id is None:
        return None
    warehouse = Warehouse.connect(arguments.sql_conn_id, arguments.schema)
    warehouse.prepare()
    return warehouse


@contextmanager
def _telling_what_is_loaded(current: UsageWindow, missed: UsageWindow, log: logging.Logger) -> Iterator[None]:
    """Let an error of a ``missed`` window pass through, and log what is loaded in spite of it."""
    try:
        yield
    except Exception:
        log.error(
            "%s is loaded. What failed is to catch up on %s; runs try it again as far back as catch_up_days goes.",
            current,
            missed,
        )
        raise
