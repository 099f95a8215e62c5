"""Reads the list of all accounts: the last day of each, its month and its costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import Select

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.report.period import ReportPeriod
from datacoves_usage_provider.report.readings import AccountRow, CostLine, ShownMeter
from datacoves_usage_provider.report.relations import Relations
from datacoves_usage_provider.window import UsageWindow

_ACCOUNT = ("service_provider_name", "billing_account_id")


def read_accounts(connection: Connection, relations: Relations, period: ReportPeriod) -> list[AccountRow]:
    """Return the accounts of Datacoves, and then the others by name."""
    accounts = {BillingAccount(*row) for row in connection.execute(_select_accounts(relations))}
    days = connection.execute(_select_last_days(relations, period.until))
    last_days = {BillingAccount(*account): day for *account, day in days}
    quantities: dict[BillingAccount, dict[ShownMeter, Decimal]] = defaultdict(dict)
    for provider, account, meter, unit, sum_ in connection.execute(_select_months(relations, period.month)):
        quantities[BillingAccount(provider, account)][ShownMeter(meter, unit)] = sum_
    costs = _read_costs(connection, relations, period.month)
    return [
        AccountRow(each, last_days.get(each), quantities[each], None if costs is None else costs.get(each, []))
        for each in sorted(accounts | set(last_days), key=_datacoves_first)
    ]


def _read_costs(
    connection: Connection, relations: Relations, month: UsageWindow
) -> Mapping[BillingAccount, list[CostLine]] | None:
    if "usage_cost_monthly" not in relations:
        return None
    costs: dict[BillingAccount, list[CostLine]] = defaultdict(list)
    rows = connection.execute(_select_costs(relations, month))
    for provider, account, sub_account, service, meter, unit, currency, line, quantity, cost, unpriced in rows:
        meter_of_line = ShownMeter(meter, unit)
        costs[BillingAccount(provider, account)].append(
            CostLine(sub_account, service, meter_of_line, currency, line, quantity, cost, int(unpriced or 0))
        )
    return costs


def _select_accounts(relations: Relations) -> Select[Any]:
    columns = relations.account.c
    return select(*(columns[name] for name in _ACCOUNT))


def _select_last_days(relations: Relations, until: date) -> Select[Any]:
    """The last day up to ``until`` that the load log has of each account, whether or not it is loaded whole."""
    columns = relations.load_log.c
    account = [columns[name] for name in _ACCOUNT]
    wanted = columns.charge_period_start <= until
    return select(*account, func.max(columns.charge_period_start)).where(wanted).group_by(*account)


def _select_months(relations: Relations, month: UsageWindow) -> Select[Any]:
    columns = relations.daily.c
    keys = [columns[name] for name in (*_ACCOUNT, "sku_meter", "consumed_unit")]
    wanted = and_(columns.billing_period_start == month.start, columns.x_is_additive)
    return select(*keys, func.sum(columns.consumed_quantity)).where(wanted).group_by(*keys)


def _select_costs(relations: Relations, month: UsageWindow) -> Select[Any]:
    """The costs of all accounts: the view prices a month as a whole, so it is asked once."""
    columns = relations["usage_cost_monthly"].c
    names = ("sub_account_id", "service_name", "sku_meter", "consumed_unit", "billing_currency", "x_line")
    keys = [columns[name] for name in (*_ACCOUNT, *names)]
    sums = [func.sum(columns[name]) for name in ("consumed_quantity", "effective_cost", "x_unpriced_rows")]
    return select(*keys, *sums).where(columns.billing_period_start == month.start).group_by(*keys)


def _datacoves_first(account: BillingAccount) -> tuple[bool, str, str]:
    return account.service_provider_name != "Datacoves", *account
