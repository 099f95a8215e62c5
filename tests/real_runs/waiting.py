"""Waiting for a running Airflow, as long as its processes live."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from tests.real_runs.processes import Processes

POLL_SECONDS = 0.5


def wait(find_missing: Callable[[], Collection[str]], seconds: float, processes: Processes) -> None:
    """Wait until nothing is missing; a ``TimeoutError`` names what still is after so many seconds."""
    deadline = time.monotonic() + seconds
    while missing := find_missing():
        processes.check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"still missing after {seconds:.0f} seconds: {'; '.join(missing)}")
        time.sleep(POLL_SECONDS)
