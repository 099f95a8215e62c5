"""
### The report of the month of the demo's days

It writes the running month up to yesterday, or on the first of a month the one before, into the demo's own folder.
"""

import os

import pendulum
from airflow import DAG

from datacoves_usage_provider import ReportUsageOperator

with DAG(
    dag_id="usage_report_demo",
    description="The month of yesterday, as HTML and CSV",
    doc_md=__doc__,
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    tags=["usage"],
):
    ReportUsageOperator(
        task_id="report",
        path=os.environ.get("DEMO_REPORTS", ""),
        month="{{ (macros.datetime.now(macros.dateutil.tz.UTC) - macros.timedelta(days=1)).strftime('%Y-%m') }}",
    )
