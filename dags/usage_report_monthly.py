"""
### Last month's usage as a report

On the 4th of each month this DAG writes the whole previous month as one HTML file, which a browser shows and a printer
prints, and as CSV files for a spreadsheet. They need no Airflow. `REPORTS` is a folder that all workers share, or the
URL of an object storage such as `s3://aws_default@reports/usage`.

It needs the connection `usage_warehouse` (a database), and the usage that other DAGs have loaded into it.
"""

import pendulum
from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable

from datacoves_usage_provider import ReportUsageOperator

REPORTS = "/mnt/reports/usage"

with DAG(
    dag_id="usage_report_monthly",
    description="Last month's usage and cost, as HTML and CSV",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 5 4 * *", timezone="UTC"),
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
    ReportUsageOperator(task_id="report", path=REPORTS, sql_conn_id="usage_warehouse")
