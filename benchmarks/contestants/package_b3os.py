"""This package on B3OS: a request for each day, four at a time."""

from __future__ import annotations

from benchmarks.contestants.airflow_connections import set_api
from benchmarks.contestants.package import load
from benchmarks.job import Job


def run(job: Job) -> None:
    load(job, set_api(job, "b3os", billing_account_id="package", organization_id="org"))
