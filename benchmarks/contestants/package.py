"""This package, as the operator's task uses it; the type of the connection decides the API."""

from __future__ import annotations

import logging
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from benchmarks.contestants.airflow_connections import set_api, set_warehouse
from benchmarks.job import Job
from datacoves_usage_provider.operators.arguments import read_arguments
from datacoves_usage_provider.operators.collection import collect


def run(job: Job) -> None:
    load(job, set_api(job, "datacoves_billing", billing_account_id="package"))


def load(job: Job, usage_conn_id: str, run_after: datetime | None = None, **arguments: Any) -> None:
    """``arguments`` are the operator's, in place of those that ask for the job's days."""
    of_job = {
        "usage_conn_id": usage_conn_id,
        "sql_conn_id": set_warehouse(job),
        "schema": None,
        "period": "day",
        "start": job.start,
        "end": job.end,
        "lookback_days": 0,
        "catch_up_days": 0,
        "filters": None,
        "allow_empty": False,
    }
    dag_run = SimpleNamespace(dag_id="benchmark", run_id="benchmark", run_after=run_after)
    collect(read_arguments(of_job | arguments), dag_run, logging.getLogger("airflow.task"))
