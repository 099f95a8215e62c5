"""Each row of ``usage_daily`` beside the one rate that prices it."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Table, and_, case, func, or_, select
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.cost.tables import ANY
from datacoves_usage_provider.warehouse.prices import PriceOf

KEY = (
    "service_provider_name",
    "billing_account_id",
    "sub_account_id",
    "service_name",
    "resource_id",
    "sku_meter",
)
"""That of ``usage_daily`` without the day."""
SORTING_KEY = (
    "sub_account_id",
    "resource_id",
    "service_name",
    "sku_meter",
    "service_provider_name",
    "billing_account_id",
)
"""The same, with what differs most in front: to sort by it takes three quarters of the time."""
PRICING_QUANTITIES = tuple(10**power for power in range(7))
"""Powers of ten, by which decimals can be divided exactly."""


class PricedUsage(NamedTuple):
    """
    The rows of ``usage_daily``, once for each rate that fits, or once if none does; ``is_chosen`` leaves one of each.

    ``rows.c`` has the columns of ``usage_daily`` by their names, and those of the rate as ``rate_…``, null without one.
    """

    rows: Any
    is_chosen: ColumnElement[bool]
    cost: ColumnElement[Any]
    currency: ColumnElement[Any]
    source: ColumnElement[Any]


def price_usage(daily: Table, rate: Table, wanted: ColumnElement[bool] | None = None) -> PricedUsage:
    """
    Return the usage with its costs. A row that has the vendor's own money, or is not additive, gets no rate.

    ``wanted`` holds for the rows of ``daily`` that are priced at all; None: each.
    """
    used = [daily.c[name] for name in (*KEY, *_OTHER_COLUMNS)]
    joined = daily.outerjoin(rate, and_(_needs_rate(daily), _fits(daily, rate)))
    partition = [daily.c[name] for name in SORTING_KEY]
    # With the month among these, PostgreSQL computes the months that are asked for, and no others.
    partition += [daily.c.billing_period_start, daily.c.charge_period_start]
    place = func.row_number().over(partition_by=partition, order_by=_rank(rate)).label("rate_place")
    query = select(*used, *_name_rate(rate), place).select_from(joined)
    rows = (query if wanted is None else query.where(wanted)).subquery("priced")
    columns = rows.c
    has_vendors = columns.effective_cost.is_not(None)
    price = PriceOf(columns.consumed_quantity, columns.rate_price, columns.rate_quantity)
    return PricedUsage(
        rows=rows,
        is_chosen=columns.rate_place == 1,
        cost=case((has_vendors, columns.effective_cost), else_=price),
        currency=case((has_vendors, columns.billing_currency), else_=columns.rate_currency),
        source=case((has_vendors, "vendor"), (columns.rate_price.is_not(None), "rate"), else_="unpriced"),
    )


_OTHER_COLUMNS = (
    "billing_period_start",
    "charge_period_start",
    "sub_account_name",
    "resource_name",
    "consumed_quantity",
    "consumed_unit",
    "x_is_additive",
    "effective_cost",
    "billing_currency",
)


def _needs_rate(daily: Table) -> ColumnElement[bool]:
    return and_(daily.c.x_is_additive, daily.c.effective_cost.is_(None))


def _fits(daily: Table, rate: Table) -> ColumnElement[bool]:
    """Hold for the rates that may price a row of ``daily``."""
    return and_(
        _is_of_meter(rate, daily.c),
        or_(is_any(rate.c.service_name), rate.c.service_name == daily.c.service_name),
        is_effective(rate, daily.c.charge_period_start),
        _is_price(rate),
    )


def may_price(rate: Table, used: Any) -> ColumnElement[bool]:
    """Hold for the rates of the account and meter in the columns ``used``, of whichever service and days."""
    return and_(_is_of_meter(rate, used), _is_price(rate))


def _is_of_meter(rate: Table, used: Any) -> ColumnElement[bool]:
    return and_(
        rate.c.service_provider_name == used.service_provider_name,
        rate.c.sku_meter == used.sku_meter,
        rate.c.pricing_unit == used.consumed_unit,
        or_(is_any(rate.c.billing_account_id), rate.c.billing_account_id == used.billing_account_id),
    )


def _is_price(rate: Table) -> ColumnElement[bool]:
    """Hold for rates that are one; what nobody checked may be null, or not be a price."""
    return and_(
        rate.c.contracted_unit_price.is_not(None),
        rate.c.billing_currency.is_not(None),
        func.coalesce(rate.c.x_pricing_quantity, 1).in_(PRICING_QUANTITIES),
    )


def is_any(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return func.coalesce(column, ANY) == ANY


def is_effective(rate: Table, day: ColumnElement[Any]) -> ColumnElement[bool]:
    start, end = rate.c.sku_price_effective_start, rate.c.sku_price_effective_end
    return and_(start <= day, or_(end.is_(None), day < end))


def _rank(rate: Table) -> list[ColumnElement[Any]]:
    """Order rates that fit: an account by name first, then a service by name, then what cannot be equal in a file."""
    named = [case((is_any(column), 1), else_=0) for column in (rate.c.billing_account_id, rate.c.service_name)]
    return [*named, *order_equals(rate)]


def order_equals(rate: Table) -> list[ColumnElement[Any]]:
    """Order rates that are as specific as each other: the latest first. Nobody may have checked that there is one."""
    names = (
        "contracted_unit_price",
        "x_pricing_quantity",
        "billing_currency",
        "sku_price_effective_end",
        "x_included_quantity",
        "x_fixed_cost",
    )
    return [rate.c.sku_price_effective_start.desc(), *(rate.c[name] for name in names)]


def _name_rate(rate: Table) -> list[ColumnElement[Any]]:
    return [
        func.coalesce(rate.c.service_name, ANY).label("rate_service"),
        rate.c.contracted_unit_price.label("rate_price"),
        # null without a rate, too, like the price
        case((rate.c.contracted_unit_price.is_not(None), func.coalesce(rate.c.x_pricing_quantity, 1))).label(
            "rate_quantity"
        ),
        rate.c.billing_currency.label("rate_currency"),
        rate.c.sku_price_effective_start.label("rate_start"),
        rate.c.x_included_quantity.label("rate_included"),
    ]
