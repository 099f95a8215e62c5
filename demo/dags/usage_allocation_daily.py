"""
### Which DAG? Yesterday's worker minutes by DAG, owner and team

The DAG of the same name in the folder `dags`, with the environments of the simulated Datacoves. Each of them has an
Airflow of its own, which a connection leads to.
"""

import pendulum
from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable

from datacoves_usage_provider import AllocateUsageOperator

ENVIRONMENTS = [
    {"sub_account_id": "abc123", "airflow_conn_id": "airflow_abc123"},
    {"sub_account_id": "def456", "airflow_conn_id": "airflow_def456"},
    {"sub_account_id": "my-env", "airflow_conn_id": "airflow_my_env"},
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
        "retries": 2,
        "retry_delay": pendulum.duration(minutes=30),
        "execution_timeout": pendulum.duration(minutes=30),
    },
    tags=["usage", "datacoves"],
):
    AllocateUsageOperator.partial(task_id="allocate").expand_kwargs(ENVIRONMENTS)
