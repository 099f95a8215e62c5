"""
Where this package's time goes: ``python -m benchmarks.profiling CONTESTANT MODULES JOB``, like ``benchmarks.child``.

The last line that it prints is JSON: seconds by the clock, waiting included, by file of the package. What a library
takes is counted for the file that called it.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from types import FrameType

from benchmarks.child import prepare
from benchmarks.job import Job

_PACKAGE = str(Path(__file__).parents[1] / "datacoves_usage_provider") + "/"
_EVERY = 0.001
_OUTSIDE = "outside"


def main(contestant: str, modules: str, job: str) -> None:
    run = prepare(contestant, modules)
    seconds: dict[str, float] = defaultdict(float)
    with _sampling(seconds):
        run(Job(**json.loads(job)))
    print("\n" + json.dumps(seconds))


@contextmanager
def _sampling(seconds: dict[str, float]) -> Iterator[None]:
    """Look each millisecond which file is at work. A call into C is seen when it ends, and counted for all its time."""
    last = perf_counter()

    def note(_: int, frame: FrameType | None) -> None:
        nonlocal last
        now = perf_counter()
        seconds[_find_busy_file(frame)] += now - last
        last = now

    signal.signal(signal.SIGALRM, note)
    signal.setitimer(signal.ITIMER_REAL, _EVERY, _EVERY)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _find_busy_file(main: FrameType | None) -> str:
    """Return the file at work in a thread of the package, which the main one waits for, or in the main one."""
    others = [frame for thread, frame in sys._current_frames().items() if thread != threading.main_thread().ident]
    return next((file for file in map(_find_file, others) if file != _OUTSIDE), _find_file(main))


def _find_file(frame: FrameType | None) -> str:
    """Return the file of the package that is at work, or that called what is."""
    while frame and not frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return frame.f_code.co_filename.removeprefix(_PACKAGE) if frame else _OUTSIDE


if __name__ == "__main__":
    main(*sys.argv[1:])
