"""Which accounts have usage of a budget's kind, whichever its sub account and service are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import Table, and_, case, or_, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.cost.budgets import Budget
from datacoves_usage_provider.cost.priced_usage import may_price
from datacoves_usage_provider.cost.usage_rows import can_count
from datacoves_usage_provider.window import UsageWindow


class UsageKind(NamedTuple):
    """The usage of a meter that an account has."""

    service_provider_name: str
    billing_account_id: str
    sku_meter: str


KindsByUnit = Mapping[str, Collection[UsageKind]]
"""The kinds that are counted in a meter's unit, or whose money may be in a currency."""


def read_kinds(connection: Connection, daily: Table, rate: Table, history: UsageWindow) -> KindsByUnit:
    """
    Return the kinds of usage of ``history``.

    Their currencies are those of the vendor's money and, for usage without it, those of all rates of ``history``.
    """
    columns = [daily.c[name] for name in (*UsageKind._fields, "consumed_unit")]
    vendors = case((daily.c.effective_cost.is_not(None), daily.c.billing_currency)).label("vendors_currency")
    used = select(*columns, vendors).distinct().where(*can_count(daily.c, history)).subquery("used")
    of_rates = and_(used.c.vendors_currency.is_(None), may_price(rate, used.c), _is_effective_in(history, rate))
    query = select(*used.c, rate.c.billing_currency).distinct().select_from(used.outerjoin(rate, of_rates))
    kinds: defaultdict[str, set[UsageKind]] = defaultdict(set)
    for provider, account, meter, *units in connection.execute(query):
        for unit in filter(None, units):
            kinds[unit].add(UsageKind(provider, account, meter))
    return kinds


def find_accounts(kinds: KindsByUnit, budget: Budget) -> set[BillingAccount]:
    """Return the accounts that have usage of the budget's kind."""
    return {
        BillingAccount(kind.service_provider_name, kind.billing_account_id)
        for kind in kinds.get(budget.unit, ())
        if budget.may_match(kind._asdict())
    }


def _is_effective_in(history: UsageWindow, rate: Table) -> ColumnElement[bool]:
    end = rate.c.sku_price_effective_end
    return and_(rate.c.sku_price_effective_start < history.end, or_(end.is_(None), end > history.start))
