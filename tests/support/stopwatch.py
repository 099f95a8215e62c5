"""How long something takes, apart from the time in which a busy machine let nothing of this process run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

_TICK_SECONDS = 0.02
_LATE_SECONDS = 0.02


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Give what reads the seconds since the block began. What delays a thread that only ticks does not count."""
    begin = time.monotonic()
    lost: list[float] = []
    ended = Event()

    def tick() -> None:
        since = time.monotonic()
        while not ended.wait(_TICK_SECONDS):
            now = time.monotonic()
            lost.append(max(now - since - _TICK_SECONDS - _LATE_SECONDS, 0))
            since = now

    ticking = Thread(target=tick, daemon=True)
    ticking.start()
    try:
        yield lambda: time.monotonic() - begin - sum(lost)
    finally:
        ended.set()
        ticking.join()
