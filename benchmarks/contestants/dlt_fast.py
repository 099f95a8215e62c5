"""dlt with fast settings."""

from __future__ import annotations

import os

from benchmarks.contestants.dlt_source import make_pipeline, make_resources
from benchmarks.job import Job

FORMAT = os.environ.get("X_FORMAT", "csv")
STRATEGY = os.environ.get("X_STRATEGY", "upsert")
DEDUP = bool(os.environ.get("X_DEDUP", ""))
os.environ.update({"DATA_WRITER__BUFFER_MAX_ITEMS": os.environ.get("X_BUFFER", "100000")})
if os.environ.get("X_WORKERS"):
    os.environ["NORMALIZE__WORKERS"] = os.environ["X_WORKERS"]
    os.environ["DATA_WRITER__FILE_MAX_ITEMS"] = "50000"


def run(job: Job) -> None:
    merge = {"disposition": "merge", "strategy": STRATEGY}
    if DEDUP:
        merge["deduplicated"] = True
    make_pipeline("fast", job).run(make_resources(job, merge), loader_file_format=FORMAT)
