"""The views on usage and rates: what each day and each month costs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, and_, case, cast, distinct, exists, func, literal_column, null, select, union_all
from sqlalchemy.sql import ColumnElement, CompoundSelect, Select

from datacoves_usage_provider.cost.priced_usage import (
    KEY,
    SORTING_KEY,
    PricedUsage,
    is_effective,
    order_equals,
    price_usage,
)
from datacoves_usage_provider.cost.tables import ANY, CostTables
from datacoves_usage_provider.warehouse.numbers import ExactNumeric
from datacoves_usage_provider.warehouse.prices import PriceOf
from datacoves_usage_provider.warehouse.tables import UsageTables
from datacoves_usage_provider.warehouse.views import View

_NOTHING: ColumnElement[Any] = literal_column("''")
_ZERO: ColumnElement[Any] = literal_column("0")  # a double that is negated by itself can become -0
_NO_ROWS: ColumnElement[Any] = literal_column("0")


def make_cost_views(usage: UsageTables, cost: CostTables) -> tuple[View, ...]:
    """Return the views on ``usage`` and ``cost``, which are of one schema."""
    schema = usage.daily.schema
    return (
        View("usage_cost_daily", schema, _select_days(price_usage(usage.daily, cost.rate))),
        View("usage_cost_monthly", schema, _select_months(usage, cost)),
    )


def _select_days(priced: PricedUsage) -> Select[Any]:
    columns = priced.rows.c
    return select(
        *(columns[name] for name in KEY),
        columns.charge_period_start,
        columns.sub_account_name,
        columns.resource_name,
        columns.billing_period_start,
        columns.consumed_quantity,
        columns.consumed_unit,
        columns.rate_price.label("contracted_unit_price"),
        columns.rate_quantity.label("x_pricing_quantity"),
        priced.cost.label("effective_cost"),
        priced.currency.label("billing_currency"),
        priced.source.label("x_cost_source"),
    ).where(priced.is_chosen)


def _select_months(usage: UsageTables, cost: CostTables) -> CompoundSelect[Any]:
    # Each part prices for itself: what is named once and used twice, PostgreSQL would compute for all months.
    return union_all(
        _select_used(price_usage(usage.daily, cost.rate)),
        _select_included(price_usage(usage.daily, cost.rate, _may_be_included(usage.daily, cost.rate))),
        _select_fixed(usage, cost),
    )


def _select_used(priced: PricedUsage) -> Select[Any]:
    """Add up the days of each month."""
    columns = priced.rows.c
    grouped = [columns[name] for name in (*SORTING_KEY, "billing_period_start", "consumed_unit")]
    is_unpriced = and_(columns.effective_cost.is_(None), columns.rate_price.is_(None))
    return (
        select(
            *(columns[name] for name in (*KEY, "billing_period_start", "consumed_unit")),
            priced.currency.label("billing_currency"),
            _name_line("usage"),
            func.sum(columns.consumed_quantity).label("consumed_quantity"),
            func.sum(priced.cost).label("effective_cost"),
            func.sum(case((is_unpriced, 1), else_=0)).label("x_unpriced_rows"),
            func.count().label("x_days"),  # each row is another day
        )
        .where(priced.is_chosen, columns.x_is_additive)
        .group_by(*grouped, priced.currency)
    )


def _may_be_included(daily: Table, rate: Table) -> ColumnElement[bool]:
    """Hold for meters of which some rate includes units. Mostly there are none, and then nothing has to be priced."""
    including = rate.alias("including")
    return exists().where(
        including.c.service_provider_name == daily.c.service_provider_name,
        including.c.sku_meter == daily.c.sku_meter,
        including.c.x_included_quantity.is_not(None),
    )


def _select_included(priced: PricedUsage) -> Select[Any]:
    """Take off, once a month for each account and rate, what the rate includes of the usage that it prices."""
    columns = priced.rows.c
    grouped = [
        columns.service_provider_name,
        columns.billing_account_id,
        columns.rate_service,
        columns.sku_meter,
        columns.billing_period_start,
        columns.consumed_unit,
        columns.rate_currency,
        columns.rate_price,
        columns.rate_quantity,
        columns.rate_start,
        columns.rate_included,
    ]
    used = func.sum(columns.consumed_quantity)
    included = case((used < columns.rate_included, used), else_=columns.rate_included)
    days = func.count(distinct(columns.charge_period_start))
    monthly = (
        select(*grouped, included.label("included"), days.label("days"))
        .where(priced.is_chosen, columns.rate_included.is_not(None))
        .group_by(*grouped)
        .subquery("monthly")
    )
    found = monthly.c
    return select(
        found.service_provider_name,
        found.billing_account_id,
        _NOTHING.label("sub_account_id"),
        found.rate_service.label("service_name"),
        _NOTHING.label("resource_id"),
        found.sku_meter,
        found.billing_period_start,
        found.consumed_unit,
        found.rate_currency.label("billing_currency"),
        _name_line("included"),
        (_ZERO - found.included).label("consumed_quantity"),
        (_ZERO - PriceOf(found.included, found.rate_price, found.rate_quantity)).label("effective_cost"),
        _NO_ROWS.label("x_unpriced_rows"),
        found.days.label("x_days"),
    )


def _select_fixed(usage: UsageTables, cost: CostTables) -> Select[Any]:
    """Add the fixed costs of each month in which the account of the rate has rows; one in no currency is unpriced."""
    found = _select_fixed_rates(usage.daily, cost.rate).subquery("rated").c
    has_currency = found.billing_currency.is_not(None)
    return select(
        found.service_provider_name,
        found.billing_account_id,
        _NOTHING.label("sub_account_id"),
        found.service_name,
        _NOTHING.label("resource_id"),
        _NOTHING.label("sku_meter"),
        found.billing_period_start,
        _NOTHING.label("consumed_unit"),
        found.billing_currency,
        _name_line("fixed"),
        cast(null(), ExactNumeric).label("consumed_quantity"),
        case((has_currency, found.x_fixed_cost)).label("effective_cost"),
        case((has_currency, 0), else_=1).label("x_unpriced_rows"),
        found.days.label("x_days"),
    ).where(found.rate_place == 1)


def _select_fixed_rates(daily: Table, rate: Table) -> Select[Any]:
    """Select the rates with a fixed cost beside each month of their account; the first ``rate_place`` is the one."""
    grouped = [daily.c.service_provider_name, daily.c.billing_account_id, daily.c.billing_period_start]
    has_fixed = exists().where(
        rate.c.service_provider_name == daily.c.service_provider_name,
        rate.c.billing_account_id == daily.c.billing_account_id,
        rate.c.x_fixed_cost.is_not(None),
    )
    days = func.count(distinct(daily.c.charge_period_start)).label("days")
    month = select(*grouped, days).where(has_fixed).group_by(*grouped).subquery("months").c
    service = func.coalesce(rate.c.service_name, ANY)
    months = [month.service_provider_name, month.billing_account_id, month.billing_period_start]
    place = func.row_number().over(partition_by=[*months, service, rate.c.sku_meter], order_by=order_equals(rate))
    return select(
        *months,
        month.days,
        service.label("service_name"),
        rate.c.billing_currency,
        rate.c.x_fixed_cost,
        place.label("rate_place"),
    ).where(
        rate.c.service_provider_name == month.service_provider_name,
        rate.c.billing_account_id == month.billing_account_id,
        rate.c.x_fixed_cost.is_not(None),
        is_effective(rate, month.billing_period_start),
    )


def _name_line(name: str) -> ColumnElement[Any]:
    return literal_column(f"'{name}'").label("x_line")
