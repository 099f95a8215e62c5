"""The tables and their columns in SQLAlchemy's words; tests compare those of the docs with these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from datacoves_usage_provider.columns import TEXT_LENGTH
from datacoves_usage_provider.warehouse.numbers import ExactNumeric

# The day comes early in the key, so the rows of one day lie together.
_DAILY_KEY = (
    "service_provider_name",
    "billing_account_id",
    "charge_period_start",
    "sub_account_id",
    "service_name",
    "resource_id",
    "sku_meter",
)


@dataclass(frozen=True)
class Provenance:
    """Which run makes a row, and through which usage connection."""

    x_conn_id: str
    x_dag_id: str
    x_run_id: str

    def at(self, loaded_at: datetime) -> dict[str, Any]:
        """Return the values of a row's columns that say so, and when it was loaded."""
        return {**vars(self), "x_loaded_at": loaded_at}


@dataclass(frozen=True)
class UsageTables:
    """The tables of one schema."""

    daily: Table
    revision: Table
    load_log: Table
    account: Table
    vendor_month: Table

    @property
    def all(self) -> tuple[Table, ...]:
        return (self.daily, self.revision, self.load_log, self.account, self.vendor_month)


def make_tables(schema: str | None) -> UsageTables:
    """Return the tables of ``schema``; None: unqualified names."""
    metadata = MetaData(schema=schema)
    return UsageTables(
        daily=_make_daily(metadata),
        revision=_make_revision(metadata),
        load_log=_make_load_log(metadata),
        account=_make_account(metadata),
        vendor_month=_make_vendor_month(metadata),
    )


def make_text_column(name: str, **options: Any) -> Column[Any]:
    """Return a column for a name or an id; NOT NULL unless ``options`` say otherwise."""
    return Column(name, String(TEXT_LENGTH), **({"nullable": False} | options))


def make_account_key(primary_key: bool = False) -> list[Column[Any]]:
    names = ("service_provider_name", "billing_account_id")
    return [make_text_column(name, primary_key=primary_key) for name in names]


def make_provenance() -> list[Column[Any]]:
    """Return the columns of ``Provenance``, and the moment."""
    return [make_text_column("x_conn_id"), *make_run_columns()]


def make_run_columns() -> list[Column[Any]]:
    """Return the columns of what a run writes without a usage connection."""
    return [
        Column("x_dag_id", Text, nullable=False),
        Column("x_run_id", Text, nullable=False),
        Column("x_loaded_at", DateTime(timezone=True), nullable=False),
    ]


def _make_daily(metadata: MetaData) -> Table:
    """One row per key and UTC day; the key columns are the primary key."""
    return Table(
        "usage_daily",
        metadata,
        *make_account_key(),
        make_text_column("sub_account_id"),
        Column("sub_account_name", Text),
        make_text_column("service_name"),
        make_text_column("resource_id"),
        Column("resource_name", Text),
        make_text_column("sku_meter"),
        Column("billing_period_start", Date, nullable=False),
        Column("charge_period_start", Date, nullable=False),
        Column("consumed_quantity", ExactNumeric, nullable=False),
        make_text_column("consumed_unit"),
        Column("x_is_additive", Boolean, nullable=False),
        Column("effective_cost", ExactNumeric),
        make_text_column("billing_currency", nullable=True),
        *make_provenance(),
        PrimaryKeyConstraint(*_DAILY_KEY),
    )


def _make_revision(metadata: MetaData) -> Table:
    """One row for each key that a load changed on a day that had been loaded; null: no row, or no money."""
    return Table(
        "usage_revision",
        metadata,
        *make_account_key(),
        *(make_text_column(name) for name in ("sub_account_id", "service_name", "resource_id", "sku_meter")),
        Column("charge_period_start", Date, nullable=False),
        Column("x_consumed_quantity_before", ExactNumeric),
        Column("x_consumed_quantity_after", ExactNumeric),
        Column("x_effective_cost_before", ExactNumeric),
        Column("x_effective_cost_after", ExactNumeric),
        make_text_column("x_billing_currency_before", nullable=True),
        make_text_column("x_billing_currency_after", nullable=True),
        *make_provenance(),
        make_day_index("usage_revision_days"),
    )


def _make_load_log(metadata: MetaData) -> Table:
    """One row per load, day, sub account or ``'*'``, service or ``'*'``, resource or ``'*'``."""
    return Table(
        "usage_load_log",
        metadata,
        *make_account_key(),
        *(make_text_column(name) for name in ("sub_account_id", "service_name", "resource_id")),
        Column("charge_period_start", Date, nullable=False),
        Column("x_records", Integer, nullable=False),
        *make_provenance(),
        make_day_index("usage_load_log_days"),
    )


def make_day_index(name: str) -> Index:
    """Return an index by account and day. Each load looks for its days, and these tables only grow."""
    return Index(name, "service_provider_name", "billing_account_id", "charge_period_start")


def _make_account(metadata: MetaData) -> Table:
    """One row per billing account: the connection that loads it, and the lock that loads take."""
    return Table(
        "usage_account",
        metadata,
        *make_account_key(primary_key=True),
        make_text_column("x_conn_id"),
        Column("x_loaded_at", DateTime(timezone=True), nullable=False),
    )


def _make_vendor_month(metadata: MetaData) -> Table:
    """One row per key without the day, and UTC month: what a vendor itself says about it."""
    return Table(
        "usage_vendor_month",
        metadata,
        *make_account_key(primary_key=True),
        *(
            make_text_column(name, primary_key=True)
            for name in ("sub_account_id", "service_name", "resource_id", "sku_meter")
        ),
        Column("billing_period_start", Date, primary_key=True),
        Column("consumed_quantity", ExactNumeric, nullable=False),
        make_text_column("consumed_unit"),
        *make_provenance(),
    )
