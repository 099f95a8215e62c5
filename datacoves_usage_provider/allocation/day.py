"""One day of an environment: what its services were billed, and who gets it. No SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import NamedTuple

from datacoves_usage_provider.allocation.pods import DagDay
from datacoves_usage_provider.allocation.shares import (
    UNATTRIBUTED,
    Method,
    Reconciliation,
    Share,
    Split,
    Status,
    split_nothing,
)
from datacoves_usage_provider.columns import EXACT

AIRFLOW = "airflow"
"""The service whose minutes are those of Airflow's tasks."""


class Bill(NamedTuple):
    """What one service was billed on a day."""

    quantity: Decimal
    unit: str


class AllocatedShare(NamedTuple):
    """A row of ``usage_allocation``."""

    day: date
    service: str
    dag_id: str
    quantity: Decimal
    pods: int


class Finding(NamedTuple):
    """What a row of ``usage_reconciliation`` found."""

    status: str
    startup_seconds: Decimal | None


@dataclass(frozen=True)
class AllocatedDay:
    """
    The ``bills`` of a day, and how they are split, both by service.

    ``kept``: Airflow's rows, if they stay as they are since no task of the day is found any more; then it has no split.
    ``before`` is what the day's last allocation found.
    """

    day: date
    bills: Mapping[str, Bill]
    splits: Mapping[str, Split]
    kept: Sequence[AllocatedShare] = ()
    before: Finding | None = None

    @property
    def is_allocated(self) -> bool:
        """Whether it has a bill, and all of that was split."""
        return bool(self.bills) and not self.kept

    @property
    def airflow_shares(self) -> Sequence[Share | AllocatedShare]:
        return self.splits[AIRFLOW].shares if AIRFLOW in self.splits else self.kept

    @property
    def reconciliation(self) -> Reconciliation | None:
        return self.splits[AIRFLOW].reconciliation if AIRFLOW in self.splits else None

    @property
    def status(self) -> Status | None:
        return self.reconciliation.status if self.reconciliation else None

    @property
    def has_new_status(self) -> bool:
        return self.status is not None and (self.before is None or self.before.status != self.status)

    @property
    def has_news(self) -> bool:
        """Whether the reconciliation is not what it was before."""
        found = self.reconciliation
        return found is not None and Finding(found.status, found.startup_seconds) != self.before


def allocate_day(
    day: date,
    bills: Mapping[str, Bill],
    dags: Mapping[str, DagDay],
    rows: Iterable[AllocatedShare],
    method: Method,
) -> AllocatedDay:
    """Split the ``bills`` of a day: Airflow's over ``dags``, others not at all. ``rows`` are what there is so far."""
    splits = {service: split_nothing(bill.quantity) for service, bill in bills.items() if service != AIRFLOW}
    if AIRFLOW not in bills:
        return AllocatedDay(day, bills, splits)
    kept = [row for row in rows if row.service == AIRFLOW]
    if not any(dag.has_run for dag in dags.values()) and any(row.dag_id != UNATTRIBUTED for row in kept):
        return AllocatedDay(day, bills, splits, kept)
    return AllocatedDay(day, bills, {AIRFLOW: method.split(bills[AIRFLOW].quantity, dags), **splits})


def find_unequal_days(bills: Mapping[date, Mapping[str, Bill]], rows: Iterable[AllocatedShare]) -> set[date]:
    """Return the days on which the rows of a service do not add up to its bill, or only one of the two is there."""
    allocated: defaultdict[date, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    with localcontext(EXACT):
        for row in rows:
            allocated[row.day][row.service] += row.quantity
    billed = {day: {service: bill.quantity for service, bill in of_day.items()} for day, of_day in bills.items()}
    return {day for day in {*allocated, *billed} if allocated.get(day, {}) != billed.get(day, {})}
