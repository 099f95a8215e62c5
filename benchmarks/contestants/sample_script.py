"""The shape of the vendor's sample script, and an INSERT for each row that updates the row that is there."""

from __future__ import annotations

from datetime import datetime, timezone

import psycopg
import requests

from benchmarks.contestants.usage_daily import COLUMNS, KEY_COLUMNS, make_row
from benchmarks.job import KEY, Job

_INSERT = f"""
INSERT INTO usage_daily ({", ".join(COLUMNS)}) VALUES ({", ".join(["%s"] * len(COLUMNS))})
ON CONFLICT ({", ".join(KEY_COLUMNS)}) DO UPDATE SET consumed_quantity = EXCLUDED.consumed_quantity
"""


def run(job: Job) -> None:
    response = requests.get(
        f"{job.url}/",
        headers={"Authorization": f"Token {KEY}"},
        params={"start_date": job.start, "end_date": job.last},
        timeout=60,
    )
    if not response.ok:
        return
    now = datetime.now(timezone.utc)
    with psycopg.connect(job.database) as connection, connection.cursor() as cursor:
        cursor.executemany(_INSERT, [make_row(record, now) for record in response.json()])
