"""
### Yesterday's Datacoves usage

Every morning at 03:00 UTC this fetches the billed worker minutes of the day before, by environment and service,
into the table `usage_daily` of the warehouse, and returns their totals as the task's XCom. The two days before are
read again, in case Datacoves corrected them, and days of the last month that were missed are filled in: the first run
brings a month, and a DAG that was paused heals itself. Each day is replaced whole, so running it again is harmless.

A DAG with `schedule=[Asset("datacoves_usage_daily")]` (Airflow 2: `Dataset`) runs when yesterday has arrived.

It needs two connections: `datacoves_billing_default` (type *Datacoves Billing*) and `usage_warehouse` (a database).
"""

from datetime import datetime, timedelta, timezone

from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable

from datacoves_usage_provider.compat import Asset
from datacoves_usage_provider.operators.usage import CollectUsageOperator

with DAG(
    dag_id="datacoves_usage_daily",
    description="Yesterday's billed worker minutes, by environment and service",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 3 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "finops",
        "retries": 2,
        "retry_delay": timedelta(minutes=30),
        "execution_timeout": timedelta(minutes=30),
    },
    tags=["usage", "datacoves"],
):
    CollectUsageOperator(
        task_id="collect",
        usage_conn_id="datacoves_billing_default",
        sql_conn_id="usage_warehouse",
        lookback_days=2,
        catch_up_days=31,
        outlets=[Asset("datacoves_usage_daily")],
    )
