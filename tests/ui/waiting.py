"""Waiting that ends, and that ends at once when a process of Airflow has failed."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.real_runs.airflow_server import AirflowServer

POLL_SECONDS = 0.5


def wait_until(is_so: Callable[[], bool], seconds: float, server: AirflowServer) -> None:
    """Raise a ``TimeoutError`` if it is not so after ``seconds``, a ``RuntimeError`` if a process has failed."""
    deadline = time.monotonic() + seconds
    while not is_so():
        server.processes.check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} seconds")
        time.sleep(POLL_SECONDS)
