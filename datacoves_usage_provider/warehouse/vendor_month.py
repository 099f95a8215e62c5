"""What a vendor itself says of a month, kept beside the sums of its days."""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy import and_, delete
from sqlalchemy.engine import Engine

from datacoves_usage_provider.chunk import VendorMonth
from datacoves_usage_provider.warehouse.account import lock_account
from datacoves_usage_provider.warehouse.insert import insert_rows
from datacoves_usage_provider.warehouse.provenance import Provenance
from datacoves_usage_provider.warehouse.tables import UsageTables

_COLUMNS = ("sub_account_id", "service_name", "resource_id", "sku_meter", "consumed_quantity", "consumed_unit")


def replace_month(engine: Engine, tables: UsageTables, month: VendorMonth, provenance: Provenance) -> None:
    """Make the rows of ``month`` in its scope those of its records, whole or not at all."""
    table = tables.vendor_month
    replaced = and_(
        table.c.service_provider_name == month.service_provider_name,
        table.c.billing_account_id == month.billing_account_id,
        table.c.billing_period_start == month.month,
        *(table.c[field].in_(values) for field, values in month.scope.items()),
    )
    common = {
        "service_provider_name": month.service_provider_name,
        "billing_account_id": month.billing_account_id,
        "billing_period_start": month.month,
        **vars(provenance),
    }
    with lock_account(engine, tables.account, month, provenance.x_conn_id) as connection:
        common["x_loaded_at"] = datetime.now(timezone.utc)
        connection.execute(delete(table).where(replaced))
        rows = (tuple(getattr(record, name) for name in _COLUMNS) for record in month.records)
        insert_rows(connection, table, common, _COLUMNS, rows)
