"""
### Which DAG? Yesterday's worker minutes by DAG, owner and team

Every morning at 06:00 UTC, after yesterday's usage was collected, this DAG runs one task for each environment in
`ENVIRONMENTS`. The task splits the billed worker minutes of the environment over its DAGs into `usage_allocation`, and
compares the bill with what Airflow's own tasks allow in `usage_reconciliation`. Its XCom has the largest DAGs.

Each task also splits the two days before that again, and any of the 31 days before yesterday whose allocation does not
add up to the bill: days that were never allocated, or were restated.

It needs the connection `usage_warehouse`, which has the collected usage, and one to the tables of each environment's
Airflow. With Datacoves' `@task.datacoves_airflow_db_sync` these are copies in the same warehouse.
"""

import pendulum
from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable

from datacoves_usage_provider import AllocateUsageOperator

SQL_CONN_ID = "usage_warehouse"
ENVIRONMENTS = [
    # The slug of each environment, and where the tables of its Airflow are.
    {"sub_account_id": "abc123", "airflow_conn_id": "usage_warehouse", "airflow_schema": "airflow_abc123"},
]

with DAG(
    dag_id="usage_allocation_daily",
    description="Yesterday's billed worker minutes, by DAG, owner and team",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 6 * * *", timezone="UTC"),
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
    AllocateUsageOperator.partial(
        task_id="allocate",
        map_index_template="{{ task.sub_account_id }}",
        sql_conn_id=SQL_CONN_ID,
        lookback_days=2,
        catch_up_days=31,
    ).expand_kwargs(ENVIRONMENTS)
