"""
### Load past usage by hand

Trigger this DAG with its form: choose the connection, the first day, the end day (which is not included) and, if you
like, filters for a part of the usage. The days are loaded 31 at a time, oldest first. If the run fails, what it has
loaded stays, and running it again is harmless. Today and later days are never loaded. More than 400 days must be
confirmed: a mistyped year would mean years of requests.

Keep only the connections that you have in `USAGE_CONN_IDS` in this file. Anyone who may trigger the DAG can choose only
from that list, and can write only to the warehouse named here.
"""

import pendulum
from airflow import DAG, __version__

from datacoves_usage_provider import CollectUsageOperator
from datacoves_usage_provider.compat import AirflowFailException, Param

USAGE_CONN_IDS = ["datacoves_billing_default", "adverity_default", "webcrawlerapi_default", "b3os_default"]
SQL_CONN_ID = "usage_warehouse"
MOST_DAYS = 400

# Both forms check that it is a day. Airflow 2's shows no calendar, which would read 15.1.2025 as 2015-01-20.
DAY = {"format": "date"} if __version__ >= "3" else {"allOf": [{"format": "date"}]}


def reject_many_days(context):
    """Fail the task if it would load very many days and nobody confirmed them."""
    params = context["params"]
    start, end = (pendulum.Date.fromisoformat(params[name]) for name in ("start", "end"))
    days = (end - start).days
    if days > MOST_DAYS and not params["many_days"]:
        context["task"].log.info("::endgroup::")  # otherwise Airflow shows the error folded, under Pre Execute
        raise AirflowFailException(
            f"{start} to {end} (not included) are {days} days. If you mean that, trigger the DAG again with 'More than "
            f"{MOST_DAYS} days' switched on (many_days)."
        )


with DAG(
    dag_id="usage_backfill",
    description="Load past days by hand",
    doc_md=__doc__,
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "finops",
        "retries": 2,
        "retry_delay": pendulum.duration(minutes=30),
        "execution_timeout": pendulum.duration(hours=6),
    },
    params={
        "usage_conn_id": Param(
            USAGE_CONN_IDS[0],
            type="string",
            enum=USAGE_CONN_IDS,
            title="Connection",
            description="Whose usage to load.",
        ),
        "start": Param(
            type="string",
            **DAY,
            title="First day",
            description="The first UTC day to load. On Airflow 2, type it as YYYY-MM-DD.",
        ),
        "end": Param(
            type="string",
            **DAY,
            title="End day, not included",
            description="The day after the last day to load. For October: from 2026-10-01 to 2026-11-01.",
        ),
        "many_days": Param(
            False,
            type="boolean",
            title=f"More than {MOST_DAYS} days",
            description=f"Switch it on to load more than {MOST_DAYS} days.",
        ),
        "filters": Param(
            None,
            type=["null", "string"],
            title="Filters",
            description="Empty, or JSON that limits what is loaded. Datacoves: "
            '{"environment_slug": ["abc123", "def456"], "service": "airflow"}. Adverity: {"workspace_id": "…", '
            '"datastream_id": "…"}. Other APIs have no filters.',
        ),
        "allow_empty": Param(
            False,
            type="boolean",
            title="Allow empty responses",
            description="May a response without any record remove the rows of its days? Only if nothing was used.",
        ),
    },
    tags=["usage"],
):
    CollectUsageOperator(
        task_id="collect",
        pre_execute=reject_many_days,
        usage_conn_id="{{ params.usage_conn_id }}",
        sql_conn_id=SQL_CONN_ID,
        start="{{ params.start }}",
        end="{{ params.end }}",
        filters="{{ params.filters }}",
        allow_empty="{{ params.allow_empty }}",
    )
