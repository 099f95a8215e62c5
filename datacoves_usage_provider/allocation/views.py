"""The view on allocations: what each DAG cost."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Date, MetaData, Table, Text, and_, case, func, literal_column, select
from sqlalchemy.sql import ColumnElement, Select

from datacoves_usage_provider.warehouse.numbers import ExactNumeric
from datacoves_usage_provider.warehouse.prices import PriceOf
from datacoves_usage_provider.warehouse.views import View

_BILL = (
    "service_provider_name",
    "billing_account_id",
    "sub_account_id",
    "service_name",
    "sku_meter",
    "charge_period_start",
)


def make_allocation_views(allocation: Table) -> tuple[View, ...]:
    """Return the views on ``allocation``; they also select from those of cost in its schema, which come before them."""
    return (View("usage_cost_by_dag", allocation.schema, _select_costs(allocation)),)


def _select_costs(allocation: Table) -> Select[Any]:
    """Price each share like the bill that it is a share of; without a bill it has no cost."""
    share, cost = allocation.c, _describe_cost(allocation.schema)
    is_bill = and_(
        *(cost.c[name] == share[name] for name in (*_BILL, "billing_period_start")),
        cost.c.resource_id == literal_column("''"),
    )
    return select(
        *(share[name] for name in (*_BILL, "allocated_resource_id")),
        *(
            share[name].label(name)
            for name in ("billing_period_start", "x_owners", "x_team", "consumed_quantity", "consumed_unit")
        ),
        _find_cost(share.consumed_quantity, cost.c).label("effective_cost"),
        cost.c.billing_currency.label("billing_currency"),
    ).select_from(allocation.outerjoin(cost, is_bill))


def _find_cost(quantity: ColumnElement[Any], cost: Any) -> ColumnElement[Any]:
    """A price is multiplied, and so exact; a vendor's own money has to be divided."""
    # Written with op, since SQLAlchemy's division has a text of its own in each version.
    product = cost.effective_cost * quantity * literal_column("1.0")
    of_vendor: ColumnElement[Any] = product.op("/")(func.nullif(cost.consumed_quantity, 0))
    price = cost.contracted_unit_price
    return case((price.is_not(None), PriceOf(quantity, price, cost.x_pricing_quantity)), else_=of_vendor)


def _describe_cost(schema: str | None) -> Table:
    """Return the view ``usage_cost_daily`` as something to select from."""
    days = ("charge_period_start", "billing_period_start")
    numbers = ("consumed_quantity", "contracted_unit_price", "x_pricing_quantity", "effective_cost")
    return Table(
        "usage_cost_daily",
        MetaData(schema=schema),
        *(Column(name, Date if name in days else Text) for name in (*_BILL, "billing_period_start", "resource_id")),
        *(Column(name, ExactNumeric) for name in numbers),
        Column("billing_currency", Text),
    )
