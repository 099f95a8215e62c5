"""
### Last month's Adverity usage

On the 3rd of each month this DAG reads the whole previous month again and corrects its rows in `usage_daily`. It also
loads Adverity's own figures for the month into the table `usage_vendor_month`, because unique rows of days do not add
up to unique rows of a month. The task's XCom has both: total rows as the sum of the days, unique rows as Adverity's own
figure.
"""

import pendulum
from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable

from datacoves_usage_provider import CollectUsageOperator

with DAG(
    dag_id="adverity_usage_monthly",
    description="Last month's rows, by workspace and datastream, and Adverity's own figures",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("30 4 3 * *", timezone="UTC"),
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "retries": 2,
        "retry_delay": pendulum.duration(minutes=30),
        "execution_timeout": pendulum.duration(minutes=30),
    },
    tags=["usage", "adverity"],
):
    CollectUsageOperator(
        task_id="collect",
        usage_conn_id="adverity_default",
        sql_conn_id="usage_warehouse",
        period="month",
    )
