"""The connections of the contestants that run inside Airflow."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import urlsplit

from benchmarks.job import KEY, Job

WAREHOUSE = "usage_warehouse"


def set_warehouse(job: Job) -> str:
    parts = urlsplit(job.database)
    return set_connection(
        WAREHOUSE,
        conn_type="postgres",
        host=parts.hostname,
        port=parts.port,
        login=parts.username,
        schema=parts.path.removeprefix("/"),
    )


def set_api(job: Job, conn_type: str, **extra: Any) -> str:
    return set_connection(conn_type, conn_type=conn_type, host=job.url, password=KEY, extra=extra)


def set_connection(conn_id: str, **fields: Any) -> str:
    """Let Airflow find the connection in the environment; return its id."""
    os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"] = json.dumps(fields)
    return conn_id
