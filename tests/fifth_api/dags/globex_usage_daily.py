"""The DAG of a user who brings a usage API of their own."""

from datetime import datetime, timezone

from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable

from datacoves_usage_provider import CollectUsageOperator

with DAG(
    dag_id="globex_usage_daily",
    schedule=CronTriggerTimetable("0 3 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
):
    CollectUsageOperator(task_id="collect", usage_conn_id="globex_default", lookback_days=2, catch_up_days=31)
