"""
### Yesterday's Datacoves usage

Every morning at 03:00 UTC this DAG loads the billed worker minutes of the day before, by environment and service, into
the warehouse table `usage_daily`. The task's XCom has their totals.

It also reads the two days before that again, in case Datacoves corrected them, and loads any of the 31 days before
yesterday that are missing. The first run therefore loads a month, and a DAG that was paused catches up. Only rows
that differ are written, so running the DAG again is harmless.

A DAG with `schedule=[Asset("datacoves_usage_daily")]` (Airflow 2: `Dataset`) runs when yesterday's usage has arrived.

It needs two connections: `datacoves_billing_default` (type *Datacoves Billing*) and `usage_warehouse` (a database).
"""

import pendulum
from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable

from datacoves_usage_provider import CollectUsageOperator
from datacoves_usage_provider.compat import Asset

with DAG(
    dag_id="datacoves_usage_daily",
    description="Yesterday's billed worker minutes, by environment and service",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 3 * * *", timezone="UTC"),
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
        lookback_days=2,
        catch_up_days=31,
        outlets=[Asset("datacoves_usage_daily")],
    )
