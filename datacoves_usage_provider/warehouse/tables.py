"""The columns, in SQLAlchemy's words. docs and DDL are checked against them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Date, DateTime, MetaData, String, Table, Text, distinct, func, select
from sqlalchemy.sql import Select

from datacoves_usage_provider.records import TEXT_LENGTH
from datacoves_usage_provider.warehouse.numbers import ExactNumeric

MONTHLY = "usage_monthly"


def make_usage_daily(schema: str | None) -> Table:
    """Return ``usage_daily``: one row per key and UTC day; the key columns are the primary key."""
    return Table(
        "usage_daily",
        MetaData(schema=schema),
        Column("service_provider_name", String(TEXT_LENGTH), primary_key=True),
        Column("billing_account_id", String(TEXT_LENGTH), primary_key=True),
        Column("sub_account_id", String(TEXT_LENGTH), primary_key=True),
        Column("sub_account_name", Text),
        Column("service_name", String(TEXT_LENGTH), primary_key=True),
        Column("resource_id", String(TEXT_LENGTH), primary_key=True),
        Column("resource_name", Text),
        Column("sku_meter", String(TEXT_LENGTH), primary_key=True),
        Column("billing_period_start", Date, nullable=False),
        Column("charge_period_start", Date, primary_key=True),
        Column("consumed_quantity", ExactNumeric, nullable=False),
        Column("consumed_unit", String(TEXT_LENGTH), nullable=False),
        Column("effective_cost", ExactNumeric),
        Column("billing_currency", String(TEXT_LENGTH)),
        Column("x_conn_id", String(TEXT_LENGTH), nullable=False),
        Column("x_dag_id", Text, nullable=False),
        Column("x_run_id", Text, nullable=False),
        Column("x_loaded_at", DateTime(timezone=True), nullable=False),
    )


def select_usage_monthly(daily: Table) -> Select[Any]:
    """
    Return the query behind the view ``usage_monthly``.

    ``Unique Rows`` stay out: unique rows of days do not add up to unique rows of a month.
    """
    columns = daily.c
    grouped = [
        columns.service_provider_name,
        columns.billing_account_id,
        columns.sub_account_id,
        columns.service_name,
        columns.resource_id,
        columns.sku_meter,
        columns.billing_period_start,
        columns.consumed_unit,
        columns.billing_currency,
    ]
    return (
        select(
            *grouped,
            func.max(columns.sub_account_name).label("sub_account_name"),
            func.max(columns.resource_name).label("resource_name"),
            func.sum(columns.consumed_quantity).label("consumed_quantity"),
            func.sum(columns.effective_cost).label("effective_cost"),
            func.count(distinct(columns.charge_period_start)).label("x_days"),
        )
        .where(columns.sku_meter != "Unique Rows")
        .group_by(*grouped)
    )
