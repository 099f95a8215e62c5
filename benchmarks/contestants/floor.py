"""The floor: the least that brings the rows into the same table in one transaction, and checks nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

import msgspec
import psycopg
import requests

from benchmarks.job import KEY, Job

_DAYS_A_REQUEST = timedelta(days=180)
_DELETE = """
DELETE FROM usage_daily
WHERE service_provider_name = 'Datacoves' AND billing_account_id = 'floor'
  AND charge_period_start >= %s AND charge_period_start < %s
"""
_COPY = """
COPY usage_daily (service_provider_name, billing_account_id, sub_account_name, resource_id, resource_name, sku_meter,
    consumed_unit, x_is_additive, x_conn_id, x_dag_id, x_run_id, x_loaded_at, sub_account_id, service_name,
    billing_period_start, charge_period_start, consumed_quantity)
FROM STDIN
"""


class _Row(msgspec.Struct):
    environment_slug: str
    service: str
    date: str
    amount_minutes: int


_decoder = msgspec.json.Decoder(list[_Row])


def run(job: Job) -> None:
    for start, end in _split(date.fromisoformat(job.start), date.fromisoformat(job.end)):
        dates = {"start_date": str(start), "end_date": str(end - timedelta(days=1))}
        response = requests.get(f"{job.url}/", params=dates, headers={"Authorization": f"Token {KEY}"}, timeout=60)
        response.raise_for_status()
        now = datetime.now(timezone.utc)
        first = f"Datacoves\tfloor\t\t\t\tWorker Minutes\tMinutes\ttrue\tfloor\tfloor\tfloor\t{now}"
        text = "".join(
            f"{first}\t{row.environment_slug}\t{row.service}\t{row.date[:8]}01\t{row.date[:10]}\t{row.amount_minutes}\n"
            for row in _decoder.decode(response.content)
        )
        with psycopg.connect(job.database) as connection, connection.cursor() as cursor:
            cursor.execute(_DELETE, (start, end))
            with cursor.copy(_COPY) as copy:
                copy.write(text)


def _split(start: date, end: date) -> Iterator[tuple[date, date]]:
    while start < end:
        yield start, min(start + _DAYS_A_REQUEST, end)
        start += _DAYS_A_REQUEST
