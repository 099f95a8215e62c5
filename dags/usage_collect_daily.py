"""
### Yesterday's usage of every connection

Every morning at 03:00 UTC this DAG runs one task for each connection in `USAGE_CONN_IDS`. The task loads the usage of
the day before into the warehouse table `usage_daily`, and its XCom has the totals.

Each task also reads the two days before that again, in case the vendor corrected them, and loads any of the 31 days
before yesterday that are missing. The first run therefore loads a month, and a DAG that was paused catches up. Only
rows that differ are written, so running the DAG again is harmless.

Keep only the connections that you have in `USAGE_CONN_IDS`. There may be several of one type, each with its own
`billing_account_id`. A task that fails does not stop the others. When you trigger the DAG by hand, you can choose which
connections to load.

A DAG with `schedule=[Asset("usage_collect_daily")]` (Airflow 2: `Dataset`), such as `usage_budgets_daily`, runs when
the usage of a connection has arrived; what arrives while it runs makes one more run.
"""

import pendulum
from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable

from datacoves_usage_provider import CollectUsageOperator
from datacoves_usage_provider.compat import AirflowSkipException, Asset, Param

USAGE_CONN_IDS = ["datacoves_billing_default", "adverity_default", "webcrawlerapi_default", "b3os_default"]
SQL_CONN_ID = "usage_warehouse"


def skip_unless_chosen(context):
    """Skip the task if its connection was not chosen in the form."""
    if context["task"].usage_conn_id not in context["params"]["usage_conn_ids"]:
        raise AirflowSkipException("This run was started for other connections.")


with DAG(
    dag_id="usage_collect_daily",
    description="Yesterday's usage of every connection, one task each",
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
    params={
        "usage_conn_ids": Param(
            USAGE_CONN_IDS,
            type="array",
            items={"type": "string", "enum": USAGE_CONN_IDS},
            examples=USAGE_CONN_IDS,
            minItems=1,
            title="Connections",
            description="Whose usage to load. The tasks of the other connections are skipped.",
        ),
    },
    tags=["usage"],
):
    CollectUsageOperator.partial(
        task_id="collect",
        map_index_template="{{ task.usage_conn_id }}",
        pre_execute=skip_unless_chosen,
        sql_conn_id=SQL_CONN_ID,
        lookback_days=2,
        catch_up_days=31,
        outlets=[Asset("usage_collect_daily")],
    ).expand(usage_conn_id=USAGE_CONN_IDS)
