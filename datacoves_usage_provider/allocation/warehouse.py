"""The tables and views of usage, cost and allocation behind an Airflow SQL connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from sqlalchemy.engine import Connection, Engine

from datacoves_usage_provider.allocation.day import AllocatedDay, find_unequal_days
from datacoves_usage_provider.allocation.environment import (
    Environment,
    find_account,
    read_bills,
    read_findings,
    read_shares,
)
from datacoves_usage_provider.allocation.replacement import DagsByDay, Replacement
from datacoves_usage_provider.allocation.tables import make_allocation_tables
from datacoves_usage_provider.allocation.views import make_allocation_views
from datacoves_usage_provider.cost.views import make_cost_views
from datacoves_usage_provider.cost.warehouse import CostWarehouse
from datacoves_usage_provider.warehouse.views import make_views

T = TypeVar("T")


class AllocationWarehouse(CostWarehouse):
    """What allocations read and write; ``allocation_tables`` are its own."""

    def __init__(self, engine: Engine, schema: str | None, conn_id: str) -> None:
        super().__init__(engine, schema, conn_id)
        self.allocation_tables = make_allocation_tables(schema)

    def prepare(self) -> None:
        """Create what is missing of the tables and views, and check the rest."""
        usage, cost, allocation = self.tables, self.cost_tables, self.allocation_tables
        views = (*make_views(usage), *make_cost_views(usage, cost), *make_allocation_views(allocation.allocation))
        self.create_missing([*usage.all, *cost.all, *allocation.all, *views])

    def find_environment(self, sub_account_id: str, billing_account_id: str | None) -> Environment:
        """Return the environment; ``UsageConfigError`` if no account, or several, have it."""
        account = self._read(
            lambda connection: find_account(connection, self.tables.daily, sub_account_id, billing_account_id)
        )
        return Environment(account, sub_account_id)

    def find_unequal_days(self, environment: Environment, days: Sequence[date]) -> set[date]:
        """Return those of ``days`` whose allocation does not add up to the bill, service by service."""

        def find(connection: Connection) -> set[date]:
            bills = read_bills(connection, self.tables.daily, environment, days)
            return find_unequal_days(
                bills, read_shares(connection, self.allocation_tables.allocation, environment, days)
            )

        return self._read(find) if days else set()

    def read_startups(self, environment: Environment, days: Sequence[date]) -> dict[date, Decimal]:
        """Return the start-up of a pod in seconds on those of ``days`` on which it is known."""
        table = self.allocation_tables.reconciliation
        found = self._read(
            lambda connection: read_findings(connection, table, environment, days), "What was allocated stays."
        )
        return {day: one.startup_seconds for day, one in found.items() if one.startup_seconds is not None}

    def allocate(self, dags: DagsByDay, replacement: Replacement) -> list[AllocatedDay]:
        """Replace the days of ``dags``, all of them or none, and return what became of each, oldest first."""

        def run(connection: Connection, moment: datetime) -> list[AllocatedDay]:
            at = replace(replacement, provenance={**replacement.provenance, "x_loaded_at": moment})
            return at.run(connection, self.tables.daily, self.allocation_tables, dags)

        account = replacement.environment.account
        what_holds = f"Nothing of {min(dags)} to {max(dags)} was allocated; what was allocated before stays."
        return self.run_under_lock(account, None, run, lambda: what_holds)

    def _read(self, read: Callable[[Connection], T], what_holds: str = "Nothing was allocated.") -> T:
        return self.run_in_transaction(read, lambda: what_holds)
