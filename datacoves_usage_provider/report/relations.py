"""The tables and views that are read, with the columns that are shown; those of costs and DAGs may be missing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Date, Integer, String, column, table
from sqlalchemy.sql import TableClause

from datacoves_usage_provider.warehouse.numbers import ExactNumeric
from datacoves_usage_provider.warehouse.tables import make_tables

_ACCOUNT = "service_provider_name billing_account_id"
_CELL = f"{_ACCOUNT} sub_account_id service_name sku_meter"
_TYPES: dict[str, Any] = {
    "billing_period_start": Date,
    "charge_period_start": Date,
    "x_as_of": Date,
    "x_exceeds_on": Date,
    "x_is_additive": Boolean,
    **dict.fromkeys(("x_days_loaded", "x_days_missing", "x_unpriced_rows", "x_pods"), Integer),
    **dict.fromkeys(
        (
            "consumed_quantity",
            "effective_cost",
            "x_amount",
            "x_used",
            "x_forecast",
            "x_forecast_low",
            "x_forecast_high",
            "x_value",
            "x_execution_quantity",
            "x_startup_quantity",
        ),
        ExactNumeric,
    ),
}
_COLUMNS = {
    "usage_cost_monthly": f"{_CELL} resource_id billing_period_start x_line consumed_quantity consumed_unit "
    "effective_cost billing_currency x_unpriced_rows",
    "usage_budget": "x_budget_name",
    "usage_budget_status": "x_budget_name billing_period_start x_as_of x_amount x_unit x_used x_forecast "
    "x_forecast_low x_forecast_high x_days_loaded x_days_missing x_unpriced_rows x_exceeds_on",
    "usage_alert": "x_budget_name billing_period_start x_rule x_amount x_unit x_value x_as_of x_text",
    "usage_allocation": f"{_CELL} billing_period_start charge_period_start allocated_resource_id consumed_quantity "
    "consumed_unit x_execution_quantity x_startup_quantity x_pods",
    "usage_cost_by_dag": f"{_CELL} billing_period_start charge_period_start allocated_resource_id x_owners x_team "
    "consumed_quantity consumed_unit effective_cost billing_currency",
}
OWN = ("usage_daily", "usage_load_log", "usage_revision", "usage_account")
NAMES = (*OWN, *_COLUMNS)
REPORTED = tuple(name for name in NAMES if name not in ("usage_account", "usage_allocation", "usage_budget"))
"""Where a report's numbers are from."""


class Relations:
    """What exists of them in ``schema``; ``found`` are their names."""

    def __init__(self, schema: str | None, found: frozenset[str]) -> None:
        tables = make_tables(schema)
        self.daily = tables.daily
        self.load_log = tables.load_log
        self.revision = tables.revision
        self.account = tables.account
        self._schema = schema
        self._found = found

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def __getitem__(self, name: str) -> TableClause:
        columns = (column(each, _TYPES.get(each, String)) for each in _COLUMNS[name].split())
        return table(name, *columns, schema=self._schema)
