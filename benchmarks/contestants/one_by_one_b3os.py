"""B3OS, one request after the other in one session, tried again after ``Retry-After``, then COPY."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import psycopg
import requests

from benchmarks.job import KEY, Job

_DAY = timedelta(days=1)
_COPY = """
COPY usage_daily (service_provider_name, billing_account_id, sub_account_id, sub_account_name, service_name,
    resource_id, resource_name, sku_meter, billing_period_start, charge_period_start, consumed_quantity, consumed_unit,
    x_is_additive, x_conn_id, x_dag_id, x_run_id, x_loaded_at)
FROM STDIN
"""


def run(job: Job) -> None:
    day, end = date.fromisoformat(job.start), date.fromisoformat(job.end)
    rows = []
    with requests.Session() as session:
        while day < end:
            rows += _make_rows(day, _get(session, job.url, day))
            day += _DAY
    with psycopg.connect(job.database) as connection, connection.cursor() as cursor:
        days = (job.start, job.end)
        cursor.execute("DELETE FROM usage_daily WHERE charge_period_start >= %s AND charge_period_start < %s", days)
        with cursor.copy(_COPY) as copy:
            for row in rows:
                copy.write_row(row)


def _get(session: requests.Session, url: str, day: date) -> list[dict[str, Any]]:
    start, end = (round(datetime(d.year, d.month, d.day, tzinfo=timezone.utc).timestamp()) for d in (day, day + _DAY))
    while True:
        response = session.get(
            f"{url}/v1/organizations/org/cu/usage-by-workflow",
            params={"from": start * 1000, "to": end * 1000 - 1},
            headers={"Authorization": f"Bearer {KEY}"},
            timeout=60,
        )
        if response.status_code != 429:
            response.raise_for_status()
            return response.json()["data"]["workflows"]
        time.sleep(int(response.headers["Retry-After"]))


def _make_rows(day: date, workflows: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    now = datetime.now(timezone.utc)
    for flow in workflows:
        for meter, unit, field in (("Compute Units", "Compute Units", "totalCu"), ("Runs", "Runs", "runCount")):
            names = (flow["workflowId"], flow["workflowName"])
            amount = (meter, day.replace(day=1), day, flow[field], unit, True)
            yield ("B3OS", "one", "org", "", "Workflows", *names, *amount, "one", "one", "one", now)
