"""The SELECTs of one account behind the page and the report."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, and_, case, func, literal, select
from sqlalchemy.sql import ColumnElement, Select

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.cost.forecast import get_month
from datacoves_usage_provider.report.relations import Relations
from datacoves_usage_provider.window import UsageWindow


def of_account(source: Any, account: BillingAccount) -> ColumnElement[bool]:
    columns = source.c
    return and_(
        columns.service_provider_name == account.service_provider_name,
        columns.billing_account_id == account.billing_account_id,
    )


def within(column: Any, window: UsageWindow) -> ColumnElement[bool]:
    return and_(column >= window.start, column < window.end)


def _used_within(daily: Table, account: BillingAccount, window: UsageWindow) -> ColumnElement[bool]:
    """
    Hold for the rows of ``account`` in ``window``.

    The month says nothing new, but finds them by an index of its own. PostgreSQL expects a table to be in the order of
    an index only if it is in that of the index's first column, and so would rather read ten years than use the key.
    """
    month = daily.c.billing_period_start >= get_month(window.start).start
    return and_(of_account(daily, account), month, within(daily.c.charge_period_start, window))


def _sum_of_days(quantity: Any, day: Any, days: Collection[date], label: str) -> ColumnElement[Any]:
    """Add up ``quantity`` of these days alone; 0 where there are none."""
    if not days:
        return literal(0).label(label)
    return func.coalesce(func.sum(case((day.in_(days), quantity))), 0).label(label)


def select_loaded_cells(relations: Relations, account: BillingAccount, window: UsageWindow) -> Select[Any]:
    columns = relations.load_log.c
    cell = columns.sub_account_id, columns.service_name, columns.resource_id
    wanted = and_(of_account(relations.load_log, account), within(columns.charge_period_start, window))
    return select(columns.charge_period_start, *cell).where(wanted).distinct()


def select_days(relations: Relations, account: BillingAccount, window: UsageWindow) -> Select[Any]:
    columns = relations.daily.c
    keys = columns.sku_meter, columns.consumed_unit, columns.x_is_additive, columns.charge_period_start
    wanted = _used_within(relations.daily, account, window)
    return select(*keys, func.sum(columns.consumed_quantity)).where(wanted).group_by(*keys)


def select_cells(
    relations: Relations, account: BillingAccount, window: UsageWindow, spans: Iterable[tuple[str, Collection[date]]]
) -> Select[Any]:
    """The sums of each of ``spans`` (label and days) by sub account, service and meter; ``window`` has all days."""
    columns = relations.daily.c
    keys = columns.sub_account_id, columns.service_name, columns.sku_meter, columns.consumed_unit
    quantity, day = columns.consumed_quantity, columns.charge_period_start
    sums = [_sum_of_days(quantity, day, days, label) for label, days in spans]
    wanted = _used_within(relations.daily, account, window)
    return select(*keys, func.max(columns.sub_account_name), *sums).where(wanted).group_by(*keys)


def select_largest_by_day(
    relations: Relations, account: BillingAccount, window: UsageWindow, sub_accounts: Collection[str]
) -> Select[Any]:
    columns = relations.daily.c
    keys = columns.sku_meter, columns.consumed_unit, columns.charge_period_start
    cell = columns.sub_account_id, columns.service_name
    wanted = _used_within(relations.daily, account, window)
    few = columns.sub_account_id.in_(sub_accounts)
    return select(*keys, *cell, func.sum(columns.consumed_quantity)).where(wanted, few).group_by(*keys, *cell)


def select_corrections(relations: Relations, account: BillingAccount, since: datetime) -> Select[Any]:
    """
    What loads since then changed of days that had been loaded, by meter and day.

    A row that was changed twice counts once: as it was before the first change, and after the last.
    """
    table = relations.revision
    row = [table.c[name] for name in ("sub_account_id", "service_name", "resource_id")]
    names = "sku_meter", "charge_period_start"
    row += [table.c[name] for name in names]
    moment = table.c.x_loaded_at
    changes = (
        select(
            table,
            func.row_number().over(partition_by=row, order_by=moment).label("from_first"),
            func.row_number().over(partition_by=row, order_by=moment.desc()).label("from_last"),
        )
        .where(of_account(table, account), moment >= since)
        .subquery("changes")
    )
    columns = changes.c
    keys = [columns[name] for name in names]
    before = func.sum(case((columns.from_first == 1, func.coalesce(columns.x_consumed_quantity_before, 0)), else_=0))
    after = func.sum(case((columns.from_last == 1, func.coalesce(columns.x_consumed_quantity_after, 0)), else_=0))
    return select(*keys, before, after, func.max(columns.x_loaded_at)).group_by(*keys)


def select_dags(relations: Relations, account: BillingAccount, month: UsageWindow, until: date) -> Select[Any]:
    view = relations["usage_cost_by_dag"]
    names = (
        "sub_account_id",
        "service_name",
        "sku_meter",
        "consumed_unit",
        "allocated_resource_id",
        "billing_currency",
    )
    keys = [view.c[name] for name in names]
    words = func.max(view.c.x_team), func.max(view.c.x_owners)
    quantity, cost = view.c.consumed_quantity, view.c.effective_cost
    # A vendor's money cannot be shared out by the minutes of a day without any: such a row lacks no price.
    is_unpriced = and_(cost.is_(None), quantity != 0)
    sums = func.sum(quantity), func.sum(cost), func.sum(case((is_unpriced, 1), else_=0))
    wanted = and_(
        of_account(view, account), view.c.billing_period_start == month.start, view.c.charge_period_start <= until
    )
    return select(*keys, *words, *sums).where(wanted).group_by(*keys)
