"""
### Usage of the past, by hand

Trigger it with a form: whose usage, from which day, up to which day (that day not included), and, if you like, only a
part of it. The days are fetched and replaced 31 at a time, oldest first; what has been loaded stays if it fails, and
running it again is harmless. Today and later are never loaded.

Keep in `USAGE_CONN_IDS` in this file the connections that you have: whoever may trigger the DAG can only choose from
that list, and only writes to the warehouse named here.
"""

from datetime import datetime, timedelta, timezone

from airflow import DAG

from datacoves_usage_provider.compat import Param
from datacoves_usage_provider.operators.usage import CollectUsageOperator

USAGE_CONN_IDS = ["datacoves_billing_default", "adverity_default", "webcrawlerapi_default", "b3os_default"]
SQL_CONN_ID = "usage_warehouse"

with DAG(
    dag_id="usage_backfill",
    description="Fill in or repair days of the past, by hand",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "finops",
        "retries": 2,
        "retry_delay": timedelta(minutes=30),
        "execution_timeout": timedelta(hours=6),
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
            format="date",
            title="First day",
            description="The first UTC day to load. Airflow 2: typed as YYYY-MM-DD.",
        ),
        "end": Param(
            type="string",
            format="date",
            title="End day, not included",
            description="The day after the last one to load: from 2026-10-01 to 2026-11-01 is October.",
        ),
        "filters": Param(
            None,
            type=["null", "string"],
            pattern=r"^\s*(\{.*\}\s*)?$",
            title="Filters",
            description="Only a part, as JSON in the API's own words. Datacoves: "
            '{"environment_slug": ["abc123", "def456"], "service": "airflow"}. Adverity: {"workspace_id": "…", '
            '"datastream_id": "…"}. WebCrawlerAPI and B3OS have none. Empty: everything.',
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
        usage_conn_id="{{ params.usage_conn_id }}",
        sql_conn_id=SQL_CONN_ID,
        start="{{ params.start }}",
        end="{{ params.end }}",
        filters="{{ params.filters }}",
        allow_empty="{{ params.allow_empty }}",
    )
