"""What a vendor itself says of a month, kept beside the sums of its days."""

from __future__ import annotations

from operator import attrgetter

from sqlalchemy import and_, delete
from sqlalchemy.engine import Engine

from datacoves_usage_provider.chunk import VendorMonth
from datacoves_usage_provider.warehouse.account import lock_account
from datacoves_usage_provider.warehouse.conditions import in_scope, of_account
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.empty_responses import check_nothing_is_emptied
from datacoves_usage_provider.warehouse.tables import Provenance, UsageTables

_COLUMNS = ("sub_account_id", "service_name", "resource_id", "sku_meter", "consumed_quantity", "consumed_unit")
_get_values = attrgetter(*_COLUMNS)


def replace_month(
    engine: Engine, tables: UsageTables, month: VendorMonth, provenance: Provenance, allow_empty: bool = False
) -> None:
    """
    Make the rows of ``month`` in its scope those of its records, all of them or none.

    Unless ``allow_empty``, a month without records never replaces rows: it is a ``UsageDataError``.
    """
    table = tables.vendor_month
    replaced = and_(
        of_account(table, month.account),
        table.c.billing_period_start == month.month,
        *in_scope(table, month.scope),
    )
    common = {**month.account._asdict(), "billing_period_start": month.month, **vars(provenance)}
    with lock_account(engine, tables.account, month.account, provenance.x_conn_id) as (connection, loaded_at):
        if not (month.records or allow_empty):
            check_nothing_is_emptied(connection, table, "billing_period_start", replaced, month.account)
        connection.execute(delete(table).where(replaced))
        insert_rows = find_database(connection.dialect).insert_rows
        insert_rows(connection, table, common | {"x_loaded_at": loaded_at}, _COLUMNS, map(_get_values, month.records))
