"""The view ``usage_monthly``: the days of a month added up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, distinct, func, select
from sqlalchemy.engine import Engine
from sqlalchemy.sql import Select

from datacoves_usage_provider.records import NOT_ADDITIVE

MONTHLY = "usage_monthly"


def select_usage_monthly(daily: Table) -> Select[Any]:
    """Return the query behind the view. Meters whose days do not add up stay out."""
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
        .where(*(columns.sku_meter != meter for meter in sorted(NOT_ADDITIVE)))
        .group_by(*grouped)
    )


def make_view_ddl(engine: Engine, daily: Table) -> str:
    """Return ``CREATE VIEW usage_monthly`` in the words of the engine's database."""
    prefix = "" if daily.schema is None else f"{engine.dialect.identifier_preparer.quote_schema(daily.schema)}."
    query = select_usage_monthly(daily).compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True})
    return f"CREATE VIEW {prefix}{MONTHLY} AS\n{query}"
