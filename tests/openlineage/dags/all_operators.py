"""One task of each operator, and one that fails."""

import os
from pathlib import Path

import pendulum
from airflow import DAG

from datacoves_usage_provider import (
    AllocateUsageOperator,
    CheckBudgetsOperator,
    CollectUsageOperator,
    ReportUsageOperator,
    SyncReferenceDataOperator,
)

DAY = {"start": "2026-11-03", "end": "2026-11-04"}

with DAG(dag_id="all_operators", schedule=None, start_date=pendulum.datetime(2026, 1, 1, tz="UTC")):
    collect = CollectUsageOperator(task_id="collect", usage_conn_id="datacoves_billing_default", **DAY)
    sync = SyncReferenceDataOperator(task_id="sync", rates=Path("reference", "rates.csv"))
    check = CheckBudgetsOperator(task_id="check")
    allocate = AllocateUsageOperator(
        task_id="allocate", sub_account_id="abc123", airflow_conn_id="airflow_abc123", airflow_schema="main", **DAY
    )
    report = ReportUsageOperator(task_id="report", path=os.environ["REPORTS"], month="2026-11", formats="html")
    fail = ReportUsageOperator(task_id="fail", path="no absolute path", month="2026-11")
    collect >> sync >> check >> allocate >> report >> fail
