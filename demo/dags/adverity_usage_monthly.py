"""
### Last month's Adverity usage

On the 3rd of each month this reads the whole month that ended once more, and what Adverity itself says of it, which
goes into the table `usage_vendor_month`: unique rows are counted per month and cannot be summed from days. Its XCom
holds both: total rows as the sum of the days, unique rows as Adverity's own figure.
"""

from datetime import datetime, timedelta, timezone

from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable

from datacoves_usage_provider.operators.usage import CollectUsageOperator

with DAG(
    dag_id="adverity_usage_monthly",
    description="Last month's rows, by workspace and datastream, and the vendor's own figures",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("30 4 3 * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args={
        "retries": 2,
        "retry_delay": timedelta(minutes=30),
        "execution_timeout": timedelta(minutes=30),
    },
    tags=["usage", "adverity"],
):
    CollectUsageOperator(
        task_id="collect",
        usage_conn_id="adverity_default",
        sql_conn_id="usage_warehouse",
        period="month",
    )
