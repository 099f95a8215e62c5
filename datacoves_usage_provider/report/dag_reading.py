"""Reads the days of one DAG in one environment."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import Select

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.columns import text_fits
from datacoves_usage_provider.report.dag import FOUR_WEEKS
from datacoves_usage_provider.report.readings import DagDay, DagReadings
from datacoves_usage_provider.report.relations import NAMES, Relations
from datacoves_usage_provider.report.statements import of_account, within
from datacoves_usage_provider.warehouse.reader import WarehouseReader
from datacoves_usage_provider.window import UsageWindow


def read_dag(
    reader: WarehouseReader,
    dag_id: str,
    window: UsageWindow,
    sub_account_id: str | None,
    account: BillingAccount | None = None,
) -> DagReadings | None:
    """
    Return the days of a DAG in ``window`` and the 56 days that are compared, None if nothing is allocated to it.

    ``sub_account_id`` and ``account``: its environment; None: the one in which the DAG used most.
    """
    days = UsageWindow(min(window.start, window.end - 2 * FOUR_WEEKS), window.end)

    def work(connection: Connection, found: frozenset[str]) -> DagReadings | None:
        if "usage_allocation" not in found or not text_fits(dag_id):
            return None
        return _read(connection, Relations(reader.schema, found), dag_id, days, (account, sub_account_id))

    return reader.read(NAMES, work)


def _read(
    connection: Connection,
    relations: Relations,
    dag_id: str,
    days: UsageWindow,
    wanted: tuple[BillingAccount | None, str | None],
) -> DagReadings | None:
    rows = defaultdict(list)
    for row in connection.execute(_select_days(relations, dag_id, days)):
        place = BillingAccount(row.service_provider_name, row.billing_account_id), row.sub_account_id
        if all(name in (None, own) for name, own in zip(wanted, place, strict=True)):
            rows[place].append(row)
    if not rows:
        return None
    account, sub_account_id = max(rows, key=lambda place: (sum(row.consumed_quantity for row in rows[place]), place))
    of_place = rows[account, sub_account_id]
    environment = connection.execute(_select_allocated_days(relations, account, sub_account_id, days))
    found = {
        row.charge_period_start: DagDay(row.consumed_quantity, row.x_startup_quantity, row.x_pods) for row in of_place
    }
    if "usage_cost_by_dag" in relations:
        costs = _select_costs(relations, account, sub_account_id, dag_id, days)
        for day, currency, cost in connection.execute(costs):
            if day in found and currency and cost is not None:
                found[day].costs[currency] = cost
    unit = of_place[0].consumed_unit
    return DagReadings(dag_id, account, sub_account_id, unit, found, dict(map(tuple, environment)))


def _select_days(relations: Relations, dag_id: str, window: UsageWindow) -> Select[Any]:
    """The days of one DAG, by the environment that it ran in."""
    table = relations["usage_allocation"]
    names = (
        "service_provider_name",
        "billing_account_id",
        "sub_account_id",
        "consumed_unit",
        "charge_period_start",
        "consumed_quantity",
        "x_startup_quantity",
        "x_pods",
    )
    wanted = and_(table.c.allocated_resource_id == dag_id, within(table.c.charge_period_start, window))
    return select(*(table.c[name] for name in names)).where(wanted)


def _select_costs(
    relations: Relations, account: BillingAccount, sub_account_id: str, dag_id: str, window: UsageWindow
) -> Select[Any]:
    view = relations["usage_cost_by_dag"]
    columns = view.c
    keys = columns.charge_period_start, columns.billing_currency
    in_environment = and_(of_account(view, account), columns.sub_account_id == sub_account_id)
    wanted = and_(columns.allocated_resource_id == dag_id, within(columns.charge_period_start, window))
    return select(*keys, func.sum(columns.effective_cost)).where(in_environment, wanted).group_by(*keys)


def _select_allocated_days(
    relations: Relations, account: BillingAccount, sub_account_id: str, window: UsageWindow
) -> Select[Any]:
    """What an environment used on each day that is allocated, service ``airflow``: what DAGs can have a share of."""
    table = relations["usage_allocation"]
    columns = table.c
    wanted = and_(
        of_account(table, account), columns.sub_account_id == sub_account_id, columns.service_name == "airflow"
    )
    return (
        select(columns.charge_period_start, func.sum(columns.consumed_quantity))
        .where(wanted, within(columns.charge_period_start, window))
        .group_by(columns.charge_period_start)
    )
