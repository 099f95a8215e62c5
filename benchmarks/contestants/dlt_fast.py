"""
dlt with its documented fast settings, those that were the fastest here.

Rows go from parquet files through ADBC, buffers hold all of them, and their deduplication is skipped. CSV files with
COPY, and the strategy ``upsert``, were slower.
"""

from __future__ import annotations

import os

from benchmarks.contestants.dlt_source import make_pipeline, make_resources
from benchmarks.job import Job

_MERGE = {"disposition": "merge", "strategy": "delete-insert", "deduplicated": True}


def run(job: Job) -> None:
    os.environ["DATA_WRITER__BUFFER_MAX_ITEMS"] = "200000"
    make_pipeline("fast", job).run(make_resources(job, _MERGE), loader_file_format="parquet")
