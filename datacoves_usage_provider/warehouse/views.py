"""The views on the tables, each a name and a query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, distinct, func, select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ColumnElement, CompoundSelect, Select, visitors

from datacoves_usage_provider.warehouse.jumps import select_jumps
from datacoves_usage_provider.warehouse.tables import UsageTables


@dataclass(frozen=True)
class View:
    """A view in ``schema`` (None: an unqualified name) that shows what ``query`` selects."""

    name: str
    schema: str | None
    query: Select[Any] | CompoundSelect[Any]

    @property
    def sources(self) -> list[str]:
        """The names of the tables and views that it selects from."""
        return sorted({part.name for part in visitors.iterate(self.query) if isinstance(part, Table)})

    @property
    def columns(self) -> Iterable[ColumnElement[Any]]:
        columns: Iterable[ColumnElement[Any]] = self.query.selected_columns
        return columns

    def make_ddl(self, dialect: Dialect) -> str:
        """Return ``CREATE VIEW`` in the words of the database."""
        prefix = "" if self.schema is None else f"{dialect.identifier_preparer.quote_schema(self.schema)}."
        query = self.query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        return f"CREATE VIEW {prefix}{self.name} AS\n{query}"


def make_views(tables: UsageTables) -> tuple[View, ...]:
    """Return the views in the schema of ``tables``; one may select from those before it."""
    schema = tables.daily.schema
    return (
        View("usage_monthly", schema, _select_months(tables.daily)),
        View("usage_jump", schema, select_jumps(tables.daily, tables.load_log)),
    )


def _select_months(daily: Table) -> Select[Any]:
    """Add up the days of each month. Meters whose days do not add up stay out."""
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
        .where(columns.x_is_additive)
        .group_by(*grouped)
    )
