"""dlt as its documentation shows it: ``rest_api`` source, merge by primary key, everything else by default."""

from __future__ import annotations

from benchmarks.contestants.dlt_source import make_pipeline, make_resources
from benchmarks.job import Job


def run(job: Job) -> None:
    make_pipeline("documented", job).run(make_resources(job, "merge"))
