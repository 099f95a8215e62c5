"""A record of the API as a row of ``usage_daily``, for the contestants that insert rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

COLUMNS = (
    "service_provider_name",
    "billing_account_id",
    "sub_account_id",
    "service_name",
    "resource_id",
    "sku_meter",
    "billing_period_start",
    "charge_period_start",
    "consumed_quantity",
    "consumed_unit",
    "x_is_additive",
    "x_conn_id",
    "x_dag_id",
    "x_run_id",
    "x_loaded_at",
)
KEY_COLUMNS = (*COLUMNS[:6], "charge_period_start")


def make_row(record: dict[str, Any], now: datetime) -> tuple[Any, ...]:
    day = date.fromisoformat(record["date"][:10])
    return (
        "Datacoves",
        "rows",
        record["environment_slug"],
        record["service"],
        "",
        "Worker Minutes",
        day.replace(day=1),
        day,
        record["amount_minutes"],
        "Minutes",
        True,
        "rows",
        "rows",
        "rows",
        now,
    )
