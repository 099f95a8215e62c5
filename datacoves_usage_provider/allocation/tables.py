"""The tables of allocations; tests compare those of the docs with these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Date, Integer, MetaData, PrimaryKeyConstraint, Table, Text

from datacoves_usage_provider.warehouse.numbers import ExactNumeric
from datacoves_usage_provider.warehouse.tables import make_account_key, make_provenance, make_text_column

# As in usage_daily, the rows of one day lie together.
_KEY = (
    "service_provider_name",
    "billing_account_id",
    "charge_period_start",
    "sub_account_id",
    "service_name",
    "sku_meter",
)


@dataclass(frozen=True)
class AllocationTables:
    """The tables of one schema."""

    allocation: Table
    reconciliation: Table

    @property
    def all(self) -> tuple[Table, ...]:
        return (self.allocation, self.reconciliation)


def make_allocation_tables(schema: str | None) -> AllocationTables:
    """Return the tables of ``schema``; None: unqualified names."""
    metadata = MetaData(schema=schema)
    return AllocationTables(_make_allocation(metadata), _make_reconciliation(metadata))


def _make_allocation(metadata: MetaData) -> Table:
    """One row per bill (key without the resource) and DAG, or ``''`` for what no DAG explains."""
    return Table(
        "usage_allocation",
        metadata,
        *_make_bill_columns(),
        make_text_column("allocated_resource_id"),
        Column("x_owners", Text, nullable=False),
        Column("x_team", Text, nullable=False),
        Column("allocated_tags", Text, nullable=False),
        make_text_column("allocated_method_id"),
        Column("consumed_quantity", ExactNumeric, nullable=False),
        make_text_column("consumed_unit"),
        Column("x_execution_quantity", ExactNumeric),
        Column("x_startup_quantity", ExactNumeric),
        Column("x_pods", Integer, nullable=False),
        *make_provenance(),
        PrimaryKeyConstraint(*_KEY, "allocated_resource_id"),
    )


def _make_reconciliation(metadata: MetaData) -> Table:
    """One row per bill that was compared with what the tasks allow."""
    return Table(
        "usage_reconciliation",
        metadata,
        *_make_bill_columns(),
        Column("consumed_quantity", ExactNumeric, nullable=False),
        Column("x_lower_bound", ExactNumeric, nullable=False),
        Column("x_upper_bound", ExactNumeric, nullable=False),
        make_text_column("consumed_unit"),
        make_text_column("x_status"),
        Column("x_pods", Integer, nullable=False),
        Column("x_startup_seconds_per_pod", ExactNumeric),
        *make_provenance(),
        PrimaryKeyConstraint(*_KEY),
    )


def _make_bill_columns() -> list[Column[Any]]:
    return [
        *make_account_key(),
        make_text_column("sub_account_id"),
        make_text_column("service_name"),
        make_text_column("sku_meter"),
        Column("billing_period_start", Date, nullable=False),
        Column("charge_period_start", Date, nullable=False),
    ]
