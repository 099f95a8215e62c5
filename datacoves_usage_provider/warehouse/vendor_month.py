"""What a vendor itself says of a month, kept beside the sums of its days."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from sqlalchemy import Table, and_, delete, select
from sqlalchemy.engine import Connection

from datacoves_usage_provider.chunk import VendorMonth
from datacoves_usage_provider.warehouse.conditions import in_scope, of_account
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.empty_responses import check_nothing_is_emptied

_COLUMNS = ("sub_account_id", "service_name", "resource_id", "sku_meter", "consumed_quantity", "consumed_unit")
_get_values = attrgetter(*_COLUMNS)


def replace_month(
    connection: Connection, table: Table, month: VendorMonth, provenance: Mapping[str, Any], allow_empty: bool
) -> None:
    """
    Make the rows of ``month`` in its scope those of its records; ``provenance`` are values of all that it writes.

    Unless ``allow_empty``, a month without records never replaces rows: it is a ``UsageDataError``.
    """
    replaced = and_(
        of_account(table, month.account),
        table.c.billing_period_start == month.month,
        *in_scope(table, month.scope),
    )
    if not (month.records or allow_empty):
        days = connection.execute(select(table.c.billing_period_start).where(replaced)).scalars()
        check_nothing_is_emptied(days, table, month.account, provenance["x_conn_id"])
    connection.execute(delete(table).where(replaced))
    common = {**month.account._asdict(), "billing_period_start": month.month, **provenance}
    insert_rows = find_database(connection.dialect).insert_rows
    insert_rows(connection, table, common, _COLUMNS, map(_get_values, month.records))
