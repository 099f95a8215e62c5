"""
### Where the month will end, and who should know

This DAG runs when yesterday's usage has arrived. It brings the files `reference/rates.csv` and `reference/budgets.csv`
into the warehouse. Then it compares the month to date, and where it will probably end, with each budget, and writes
that to the table `usage_budget_status`. A rule of a budget that fires, such as `used:80` or `forecast:110`, alerts once
in a month: the alert is in the task's XCom and in the table `usage_alert`, and each notifier in `NOTIFIERS` is called.

Put your own rates and budgets into the two files, or leave `sync` out if dbt seeds fill the tables. Running the DAG
again is harmless.
"""

import pendulum
from airflow import DAG

from datacoves_usage_provider import CheckBudgetsOperator, SyncReferenceDataOperator
from datacoves_usage_provider.compat import Asset

SQL_CONN_ID = "usage_warehouse"
NOTIFIERS = []  # who hears of a new alert: any of Airflow's notifiers, as docs/cost.md shows

with DAG(
    dag_id="usage_budgets_daily",
    description="Budgets against the month to date and its forecast, and alerts",
    doc_md=__doc__,
    schedule=Asset("datacoves_usage_daily") | Asset("usage_collect_daily"),
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "finops",
        "retries": 2,
        "retry_delay": pendulum.duration(minutes=30),
        "execution_timeout": pendulum.duration(minutes=30),
    },
    tags=["usage"],
):
    sync = SyncReferenceDataOperator(
        task_id="sync",
        rates="reference/rates.csv",
        budgets="reference/budgets.csv",
        sql_conn_id=SQL_CONN_ID,
    )
    check = CheckBudgetsOperator(
        task_id="check",
        notifiers=NOTIFIERS,
        sql_conn_id=SQL_CONN_ID,
    )
    sync >> check
