"""This package as the DAG ``datacoves_usage_daily`` uses it: yesterday, two days again, and those that are missing."""

from __future__ import annotations

from datetime import date, datetime, timezone

from benchmarks.contestants.airflow_connections import set_api
from benchmarks.contestants.package import load
from benchmarks.job import Job


def run(job: Job) -> None:
    """The period is the job's last day; the job's days before it are read again."""
    end = date.fromisoformat(job.end)
    lookback = (end - date.fromisoformat(job.start)).days - 1
    api = set_api(job, "datacoves_billing", billing_account_id="package")
    run_after = datetime(end.year, end.month, end.day, 3, tzinfo=timezone.utc)
    load(job, api, run_after, start=None, end=None, lookback_days=lookback, catch_up_days=31)
