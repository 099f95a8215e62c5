"""A Datacoves environment in the warehouse: whose it is, what it was billed, and what of it is allocated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import Table, and_, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.allocation.day import AllocatedShare, Bill, Finding
from datacoves_usage_provider.api.datacoves_billing import WORKER_MINUTES, DatacovesBillingApi
from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.text import MOST_NAMES, count, list_names, quote
from datacoves_usage_provider.warehouse.conditions import of_account

PROVIDER = DatacovesBillingApi.service_provider_name
METER = WORKER_MINUTES.name


class Environment(NamedTuple):
    """``sub_account_id`` is its slug."""

    account: BillingAccount
    sub_account_id: str

    def __str__(self) -> str:
        return f"environment {quote(self.sub_account_id)} of {self.account}"


def of_environment(table: Table, environment: Environment, days: Collection[date]) -> ColumnElement[bool]:
    """Return the condition that holds for the worker minutes of ``environment`` on ``days``."""
    return and_(
        of_account(table, environment.account),
        table.c.sub_account_id == environment.sub_account_id,
        table.c.sku_meter == METER,
        table.c.charge_period_start.in_(days),
    )


def read_bills(
    connection: Connection, daily: Table, environment: Environment, days: Collection[date]
) -> dict[date, dict[str, Bill]]:
    """Return the bill of each service on those of ``days`` that have any."""
    row = daily.c
    query = select(row.charge_period_start, row.service_name, row.consumed_quantity, row.consumed_unit)
    bills: dict[date, dict[str, Bill]] = {}
    found = connection.execute(query.where(of_environment(daily, environment, days), row.resource_id == ""))
    for day, service, quantity, unit in found:
        bills.setdefault(day, {})[service] = Bill(quantity, unit)
    return bills


def read_shares(
    connection: Connection, allocation: Table, environment: Environment, days: Collection[date]
) -> Iterator[AllocatedShare]:
    row = allocation.c
    query = select(
        row.charge_period_start, row.service_name, row.allocated_resource_id, row.consumed_quantity, row.x_pods
    )
    found = connection.execute(query.where(of_environment(allocation, environment, days)))
    return (AllocatedShare(*values) for values in found)


def read_findings(
    connection: Connection, reconciliation: Table, environment: Environment, days: Collection[date]
) -> dict[date, Finding]:
    row = reconciliation.c
    query = select(row.charge_period_start, row.x_status, row.x_startup_seconds_per_pod)
    found = connection.execute(query.where(of_environment(reconciliation, environment, days)))
    return {day: Finding(status, startup) for day, status, startup in found}


def find_account(connection: Connection, daily: Table, sub_account_id: str, wanted: str | None) -> BillingAccount:
    """Return the one account that has the sub account; with ``wanted``, that. ``UsageConfigError`` if there is none."""
    row = daily.c
    query = select(row.billing_account_id, row.sub_account_id).distinct()
    sub_accounts: defaultdict[str, set[str]] = defaultdict(set)
    for account_id, one in connection.execute(
        query.where(row.service_provider_name == PROVIDER, row.sku_meter == METER)
    ):
        sub_accounts[account_id].add(one)
    fitting = [name for name, ids in sub_accounts.items() if sub_account_id in ids and wanted in (None, name)]
    if len(fitting) == 1:
        return BillingAccount(PROVIDER, fitting[0])
    if fitting:
        raise UsageConfigError(
            f"sub_account_id {quote(sub_account_id)} is in several billing accounts of {PROVIDER}: "
            f"{list_names(fitting)}. Name one of them in billing_account_id."
        )
    place = "" if wanted is None else f" of billing_account_id {quote(wanted)}"
    raise UsageConfigError(
        f"usage_daily has no {METER} of sub_account_id {quote(sub_account_id)}{place}. {_describe(sub_accounts)}"
    )


def _describe(sub_accounts: Mapping[str, Collection[str]]) -> str:
    if not sub_accounts:
        return f"It has none of {PROVIDER} at all: collect them first, or name the schema that has them."
    shown = sorted(sub_accounts)[:MOST_NAMES]
    most = max(1, MOST_NAMES // len(shown))  # so that the line is short with many accounts, too
    known = [f"billing account {quote(name)} has {list_names(sub_accounts[name], most)}" for name in shown]
    more = len(sub_accounts) - len(shown)
    return f"What it has: {'; '.join([*known, *([count(more, 'more billing account')] if more else [])])}."
