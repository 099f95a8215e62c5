"""Days of an environment are split, and their rows in both tables replaced, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Table, delete
from sqlalchemy.engine import Connection

from datacoves_usage_provider.allocation.day import AIRFLOW, AllocatedDay, AllocatedShare, allocate_day
from datacoves_usage_provider.allocation.environment import (
    METER,
    Environment,
    of_environment,
    read_bills,
    read_findings,
    read_shares,
)
from datacoves_usage_provider.allocation.labels import NO_LABELS, DagLabels
from datacoves_usage_provider.allocation.pods import DagDay
from datacoves_usage_provider.allocation.shares import Method
from datacoves_usage_provider.allocation.tables import AllocationTables
from datacoves_usage_provider.warehouse.dialects import find_database

_BILL_COLUMNS = ("service_name", "billing_period_start", "charge_period_start", "consumed_unit")
_ALLOCATION_COLUMNS = (
    *_BILL_COLUMNS,
    "allocated_resource_id",
    "x_owners",
    "x_team",
    "allocated_tags",
    "consumed_quantity",
    "x_execution_quantity",
    "x_startup_quantity",
    "x_pods",
)
_RECONCILIATION_COLUMNS = (
    *_BILL_COLUMNS,
    "consumed_quantity",
    "x_lower_bound",
    "x_upper_bound",
    "x_status",
    "x_pods",
    "x_startup_seconds_per_pod",
)

DagsByDay = Mapping[date, Mapping[str, DagDay]]
"""What each DAG had on a day."""


@dataclass(frozen=True)
class Replacement:
    """How the days of ``environment`` are split, and what their rows say besides; ``provenance`` is for all rows."""

    environment: Environment
    method: Method
    labels: Mapping[str, DagLabels]
    team_tag_prefix: str | None
    provenance: Mapping[str, Any]

    def run(
        self, connection: Connection, daily: Table, tables: AllocationTables, dags: DagsByDay
    ) -> list[AllocatedDay]:
        """Replace the days of ``dags`` and return what became of each, oldest first."""
        days = self._allocate(connection, daily, tables, dags)
        self._delete(connection, tables, days)
        common = {
            **self.environment.account._asdict(),
            "sub_account_id": self.environment.sub_account_id,
            "sku_meter": METER,
            **self.provenance,
        }
        insert_rows = find_database(connection.dialect).insert_rows
        shares = (row for day in days for row in self._make_share_rows(day))
        insert_rows(
            connection,
            tables.allocation,
            {**common, "allocated_method_id": self.method.id},
            _ALLOCATION_COLUMNS,
            shares,
        )
        reconciliations = (row for day in days for row in _make_reconciliation_rows(day))
        insert_rows(connection, tables.reconciliation, common, _RECONCILIATION_COLUMNS, reconciliations)
        return days

    def _allocate(
        self, connection: Connection, daily: Table, tables: AllocationTables, dags: DagsByDay
    ) -> list[AllocatedDay]:
        bills = read_bills(connection, daily, self.environment, dags)
        findings = read_findings(connection, tables.reconciliation, self.environment, dags)
        rows: defaultdict[date, list[AllocatedShare]] = defaultdict(list)
        for row in read_shares(connection, tables.allocation, self.environment, dags):
            rows[row.day].append(row)
        days = (allocate_day(day, bills.get(day, {}), dags[day], rows[day], self.method) for day in sorted(dags))
        return [replace(day, before=findings.get(day.day)) for day in days]

    def _delete(self, connection: Connection, tables: AllocationTables, days: Iterable[AllocatedDay]) -> None:
        kept = {day.day: bool(day.kept) for day in days}
        replaced = [day for day, is_kept in kept.items() if not is_kept]
        for table in tables.all:
            connection.execute(delete(table).where(of_environment(table, self.environment, replaced)))
        in_part = of_environment(tables.allocation, self.environment, [day for day, is_kept in kept.items() if is_kept])
        connection.execute(delete(tables.allocation).where(in_part, tables.allocation.c.service_name != AIRFLOW))

    def _make_share_rows(self, day: AllocatedDay) -> Iterator[tuple[Any, ...]]:
        for service, split in day.splits.items():
            for share in split.shares:
                labels = self.labels.get(share.dag_id, NO_LABELS)
                yield (
                    *_get_bill_values(day, service),
                    share.dag_id,
                    labels.join_owners(),
                    labels.find_team(self.team_tag_prefix),
                    labels.write_tags(),
                    share.quantity,
                    share.execution,
                    share.startup,
                    share.pods,
                )


def _make_reconciliation_rows(day: AllocatedDay) -> Iterator[tuple[Any, ...]]:
    if found := day.reconciliation:
        yield (
            *_get_bill_values(day, AIRFLOW),
            found.billed,
            found.lower_bound,
            found.upper_bound,
            found.status,
            found.pods,
            found.startup_seconds,
        )


def _get_bill_values(day: AllocatedDay, service: str) -> tuple[Any, ...]:
    """Return the values of ``_BILL_COLUMNS``."""
    return service, day.day.replace(day=1), day.day, day.bills[service].unit
