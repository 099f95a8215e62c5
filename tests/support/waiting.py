"""Waiting for what happens soon, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

DEADLINE_SECONDS = 60
POLL_SECONDS = 0.01


def wait_until(is_so: Callable[[], bool]) -> None:
    """Return as soon as it is so; raise a ``TimeoutError`` if it never comes to that."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {DEADLINE_SECONDS} seconds")
        time.sleep(POLL_SECONDS)
