"""What an allocating task has done: its log lines and its XCom."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal, localcontext
from typing import Any

from datacoves_usage_provider.allocation.day import AIRFLOW, AllocatedDay
from datacoves_usage_provider.allocation.environment import Environment
from datacoves_usage_provider.allocation.shares import UNATTRIBUTED
from datacoves_usage_provider.api.datacoves_billing import WORKER_MINUTES
from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.text import count, shorten
from datacoves_usage_provider.totals import plain
from datacoves_usage_provider.window import UsageWindow

_MOST_DAGS = 20
_MOST_NAMED = 3


class AllocationReport:
    """Adds up and logs what a task does; its sums are of ``period`` and Airflow's minutes alone."""

    def __init__(self, environment: Environment, period: UsageWindow, log: logging.Logger) -> None:
        self._environment = environment
        self._period = period
        self._log = log
        self._billed: Decimal | None = None
        self._quantities: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._pods: Counter[str] = Counter()
        self._status: Counter[str] = Counter()
        self._days = 0
        self._since = time.monotonic()

    def warn(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self._log.warning("%s", sentence)

    def add(self, window: UsageWindow, days: Sequence[AllocatedDay]) -> None:
        """Count the days of ``window``, which are allocated."""
        self._days += sum(day.is_allocated for day in days)
        self._status.update(day.status for day in days if day.status)
        with localcontext(EXACT):
            for day in days:
                if day.day in self._period:
                    self._add_up(day)
        self._log_line(window, days)

    def finish(self) -> dict[str, Any]:
        """Log the sums of the period and return the operator's XCom value."""
        self._log.info("%s, %s: %s.", str(self._environment), self._period, self._describe())
        has_bill = self._billed is not None
        return {
            **self._environment.account._asdict(),
            "sub_account_id": self._environment.sub_account_id,
            "window": {"start": str(self._period.start), "end": str(self._period.end)},
            "billed": None if self._billed is None else plain(self._billed),
            "dags": [
                {"dag_id": dag_id, "consumed_quantity": plain(quantity), "x_pods": self._pods[dag_id]}
                for dag_id, quantity in self._sort()[:_MOST_DAGS]
            ]
            if has_bill
            else None,
            "unattributed": plain(self._quantities[UNATTRIBUTED]) if has_bill else None,
            "status": dict(sorted(self._status.items())),
            "days": self._days,
        }

    def _add_up(self, day: AllocatedDay) -> None:
        if AIRFLOW not in day.bills:
            return
        self._billed = (self._billed or Decimal(0)) + day.bills[AIRFLOW].quantity
        for share in day.airflow_shares:
            self._quantities[share.dag_id] += share.quantity
            self._pods[share.dag_id] += share.pods

    def _sort(self) -> list[tuple[str, Decimal]]:
        """Return the DAGs, the largest first, equal ones by id."""
        dags = sorted((dag_id, quantity) for dag_id, quantity in self._quantities.items() if dag_id != UNATTRIBUTED)
        return sorted(dags, key=lambda dag: dag[1], reverse=True)

    def _describe(self) -> str:
        if self._billed is None:
            return "no bill of Airflow"
        dags = self._sort()
        largest = [f"{shorten(dag_id)} {_show(quantity)}" for dag_id, quantity in dags[:_MOST_NAMED]]
        more = [f"{len(dags) - _MOST_NAMED:,} more"] if len(dags) > _MOST_NAMED else []
        shares = f" ({', '.join([*largest, *more])})" if dags else ""
        unattributed = self._quantities[UNATTRIBUTED]
        return f"{_show(self._billed)} {WORKER_MINUTES.unit} billed{shares}, {_show(unattributed)} of them unattributed"

    def _log_line(self, window: UsageWindow, days: Sequence[AllocatedDay]) -> None:
        now = time.monotonic()
        dags = {share.dag_id for day in days for share in day.airflow_shares} - {UNATTRIBUTED}
        self._log.info(
            "%s: allocated %s: %s with a bill, %s, %s, %.1f seconds.",
            str(self._environment),
            window,
            count(sum(day.is_allocated for day in days), "day"),
            count(len(dags), "DAG"),
            count(sum(share.pods for day in days for share in day.airflow_shares), "pod"),
            now - self._since,
        )
        self._since = now


def _show(number: Decimal) -> str:
    return format(Decimal(plain(number)), ",f")
