"""The API as dlt's ``rest_api`` source, as its documentation shows one."""

from __future__ import annotations

from typing import Any

import dlt
from dlt.sources.rest_api import rest_api_resources

from benchmarks.job import KEY, Job

DATASET = "usage"


def make_resources(job: Job, write_disposition: Any) -> list[Any]:
    return rest_api_resources(
        {
            "client": {
                "base_url": f"{job.url}/",
                "auth": {"type": "api_key", "name": "Authorization", "api_key": f"Token {KEY}", "location": "header"},
                "paginator": "single_page",
            },
            "resources": [
                {
                    "name": "usage",
                    "endpoint": {"path": "", "params": {"start_date": job.start, "end_date": job.last}},
                    "primary_key": ["environment_slug", "service", "date"],
                    "write_disposition": write_disposition,
                }
            ],
        }
    )


def make_pipeline(name: str, job: Job) -> dlt.Pipeline:
    return dlt.pipeline(name, destination=dlt.destinations.postgres(job.database), dataset_name=DATASET)
