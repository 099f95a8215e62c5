"""The partitioned schedules, which only Airflow 3 has."""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.sdk import DAG, Asset, CronPartitionTimetable, PartitionedAssetTimetable

from datacoves_usage_provider import CollectUsageOperator

SINCE = {"start_date": datetime(2025, 1, 1, tzinfo=timezone.utc), "catchup": False}


def collect(**arguments):
    CollectUsageOperator(task_id="collect", usage_conn_id="datacoves_billing_default", sql_conn_id=None, **arguments)


with DAG("partitions", schedule=CronPartitionTimetable("15 6 * * *", timezone="UTC", run_offset=-1), **SINCE):
    collect()

with DAG("monthly_partitions", schedule=CronPartitionTimetable("15 6 3 * *", timezone="UTC", run_offset=-1), **SINCE):
    collect(period="month")

asset = Asset("usage://real-runs/partitioned_assets")
with DAG("partitioned_assets", schedule=PartitionedAssetTimetable(assets=asset), **SINCE):
    collect()
