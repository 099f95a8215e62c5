"""
### Last month's Datacoves usage

On the 3rd of each month this DAG reads the whole previous month again and corrects its rows in `usage_daily`. The
task's XCom has the month's totals, to compare with the bill. The view `usage_monthly` shows the same sums in SQL.

It needs two connections: `datacoves_billing_default` (type *Datacoves Billing*) and `usage_warehouse` (a database).
"""

import pendulum
from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable

from datacoves_usage_provider import CollectUsageOperator

with DAG(
    dag_id="datacoves_usage_monthly",
    description="Last month's billed worker minutes, by environment and service",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 4 3 * *", timezone="UTC"),
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "finops",
        "retries": 2,
        "retry_delay": pendulum.duration(minutes=30),
        "execution_timeout": pendulum.duration(minutes=30),
    },
    tags=["usage", "datacoves"],
):
    CollectUsageOperator(
        task_id="collect",
        usage_conn_id="datacoves_billing_default",
        sql_conn_id="usage_warehouse",
        period="month",
    )
