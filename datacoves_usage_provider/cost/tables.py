"""The tables of rates, budgets and alerts; tests compare those of the docs with these."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Date, Integer, MetaData, Table, Text

from datacoves_usage_provider.warehouse.numbers import ExactNumeric
from datacoves_usage_provider.warehouse.tables import make_run_columns, make_text_column

ANY = "*"
"""What stands in reference data for each account, sub account, service, provider or meter."""
DEFAULT_ALERT_RULES = "used:80 used:100 forecast:110"


@dataclass(frozen=True)
class CostTables:
    """The tables of one schema."""

    rate: Table
    budget: Table
    budget_status: Table
    alert: Table

    @property
    def all(self) -> tuple[Table, ...]:
        return (self.rate, self.budget, self.budget_status, self.alert)

    def get(self, name: str) -> Table:
        return next(table for table in self.all if table.name == name)


def make_cost_tables(schema: str | None) -> CostTables:
    """Return the tables of ``schema``; None: unqualified names."""
    metadata = MetaData(schema=schema)
    return CostTables(
        rate=_make_rate(metadata),
        budget=_make_budget(metadata),
        budget_status=_make_budget_status(metadata),
        alert=_make_alert(metadata),
    )


# Neither of the two tables that people keep has a primary key: a dbt seed in their place has none either.


def _make_rate(metadata: MetaData) -> Table:
    """One row per provider, account or ``'*'``, service or ``'*'``, meter and first day."""
    return Table(
        "usage_rate",
        metadata,
        make_text_column("service_provider_name"),
        make_text_column("billing_account_id", nullable=True),  # null: '*'
        make_text_column("service_name", nullable=True),  # null: '*'
        make_text_column("sku_meter"),
        make_text_column("pricing_unit"),
        Column("x_pricing_quantity", ExactNumeric),  # null: 1
        Column("contracted_unit_price", ExactNumeric),
        make_text_column("billing_currency"),
        Column("sku_price_effective_start", Date, nullable=False),
        Column("sku_price_effective_end", Date),
        Column("x_included_quantity", ExactNumeric),
        Column("x_fixed_cost", ExactNumeric),
    )


def _make_budget(metadata: MetaData) -> Table:
    """One row per budget; a null in what it is matched by is ``'*'``."""
    matched = ("service_provider_name", "billing_account_id", "sub_account_id", "service_name", "sku_meter")
    return Table(
        "usage_budget",
        metadata,
        make_text_column("x_budget_name"),
        *(make_text_column(name, nullable=True) for name in matched),
        Column("x_amount", ExactNumeric, nullable=False),
        make_text_column("x_unit"),
        Column("x_effective_start", Date),
        Column("x_effective_end", Date),
        make_text_column("x_alert_rules", nullable=True),  # null: DEFAULT_ALERT_RULES
    )


def _make_budget_status(metadata: MetaData) -> Table:
    """One row per budget, month and last day that a check knew."""
    return Table(
        "usage_budget_status",
        metadata,
        make_text_column("x_budget_name", primary_key=True),
        Column("billing_period_start", Date, primary_key=True),
        Column("x_as_of", Date, primary_key=True),
        Column("x_amount", ExactNumeric, nullable=False),
        make_text_column("x_unit"),
        Column("x_used", ExactNumeric),
        Column("x_forecast", ExactNumeric),
        Column("x_forecast_low", ExactNumeric),
        Column("x_forecast_high", ExactNumeric),
        Column("x_days_loaded", Integer, nullable=False),
        Column("x_days_missing", Integer, nullable=False),
        Column("x_unpriced_rows", Integer, nullable=False),
        Column("x_exceeds_on", Date),
        *make_run_columns(),
    )


def _make_alert(metadata: MetaData) -> Table:
    """One row per budget, month, rule and amount."""
    return Table(
        "usage_alert",
        metadata,
        make_text_column("x_budget_name", primary_key=True),
        Column("billing_period_start", Date, primary_key=True),
        make_text_column("x_rule", primary_key=True),
        Column("x_amount", ExactNumeric, primary_key=True),
        make_text_column("x_unit"),
        Column("x_value", ExactNumeric, nullable=False),
        Column("x_as_of", Date, nullable=False),
        Column("x_text", Text, nullable=False),
        *make_run_columns(),
    )
