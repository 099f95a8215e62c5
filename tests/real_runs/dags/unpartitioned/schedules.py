"""One DAG for each schedule, with the one task that a user would write."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow import DAG
from airflow.timetables.interval import CronDataIntervalTimetable
from airflow.timetables.trigger import CronTriggerTimetable

from datacoves_usage_provider import CollectUsageOperator

try:
    from airflow.sdk import Asset
except ImportError:
    from airflow.datasets import Dataset as Asset

SINCE = {"start_date": datetime(2025, 1, 1, tzinfo=timezone.utc), "catchup": False}


def collect(**arguments):
    CollectUsageOperator(task_id="collect", usage_conn_id="datacoves_billing_default", sql_conn_id=None, **arguments)


with DAG("daily", schedule="@daily", **SINCE):
    collect()

with DAG("interval", schedule=CronDataIntervalTimetable("@daily", timezone="UTC"), **SINCE):
    collect()

with DAG("trigger", schedule=CronTriggerTimetable("15 6 * * *", timezone="UTC"), **SINCE):
    collect()

with DAG("berlin", schedule=CronTriggerTimetable("30 0 * * *", timezone="Europe/Berlin"), **SINCE):
    collect()

with DAG("monthly", schedule=CronTriggerTimetable("15 6 3 * *", timezone="UTC"), **SINCE):
    collect(period="month")

asset = Asset("usage://real-runs/api_event")
with DAG("api_event", schedule=[asset], **SINCE):
    collect()

asset = Asset("usage://real-runs/run_event")
with DAG("source", schedule=None, **SINCE):
    collect(outlets=[asset])

with DAG("run_event", schedule=[asset], **SINCE):
    collect()
