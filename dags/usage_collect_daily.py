"""
### Yesterday's usage of every connection

Every morning at 03:00 UTC one task for each connection in `USAGE_CONN_IDS` fetches the usage of the day before into the
table `usage_daily` of the warehouse, and returns the totals as its XCom. The two days before are read again, in case a
vendor corrected them, and days of the last month that were missed are filled in: the first run brings a month, and a
DAG that was paused fills the gap. Each day is replaced whole, so running it again is harmless.

Keep in `USAGE_CONN_IDS` the connections that you have: any number of any type, also several of one type, each with a
`billing_account_id` of its own. A task that fails does not stop the others. A run by hand may choose some of them.
"""

from datetime import datetime, timedelta, timezone

from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable

from datacoves_usage_provider.compat import AirflowSkipException, Param
from datacoves_usage_provider.operators.usage import CollectUsageOperator

USAGE_CONN_IDS = ["datacoves_billing_default", "adverity_default", "webcrawlerapi_default", "b3os_default"]
SQL_CONN_ID = "usage_warehouse"


def skip_unless_chosen(context):
    """End the task of a connection that the form of a run by hand leaves out."""
    if context["task"].usage_conn_id not in context["params"]["usage_conn_ids"]:
        raise AirflowSkipException("This run was started for other connections.")


with DAG(
    dag_id="usage_collect_daily",
    description="Yesterday's usage of every connection, one task each",
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
    params={
        "usage_conn_ids": Param(
            USAGE_CONN_IDS,
            type="array",
            items={"type": "string", "enum": USAGE_CONN_IDS},
            examples=USAGE_CONN_IDS,
            minItems=1,
            title="Connections",
            description="Whose usage to load. The tasks of the others are skipped.",
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
    ).expand(usage_conn_id=USAGE_CONN_IDS)
