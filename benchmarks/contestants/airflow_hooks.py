"""Airflow's own hooks: HttpHook, then a DELETE, then ``DbApiHook.insert_rows`` with its defaults."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.providers.http.hooks.http import HttpHook
from airflow.providers.postgres.hooks.postgres import PostgresHook

from benchmarks.contestants.airflow_connections import set_connection, set_warehouse
from benchmarks.contestants.usage_daily import COLUMNS, make_row
from benchmarks.job import KEY, Job


def run(job: Job) -> None:
    http = HttpHook(method="GET", http_conn_id=set_connection("usage_api", conn_type="http", host=job.url))
    dates = {"start_date": job.start, "end_date": job.last}
    response = http.run("/", data=dates, headers={"Authorization": f"Token {KEY}"})
    now = datetime.now(timezone.utc)
    rows = [make_row(record, now) for record in response.json()]
    warehouse = PostgresHook(postgres_conn_id=set_warehouse(job))
    warehouse.run(
        "DELETE FROM usage_daily WHERE charge_period_start >= %s AND charge_period_start < %s",
        parameters=(job.start, job.end),
    )
    warehouse.insert_rows("usage_daily", rows, target_fields=COLUMNS)
