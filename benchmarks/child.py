"""
One contestant, once, in a process of its own: ``python -m benchmarks.child CONTESTANT MODULES JOB``.

``MODULES`` is a file that lists what it is known to import; all of it is imported before the clock starts. The last
line that is printed is JSON: ``seconds``, ``imported_mb`` and ``extra_mb`` (the largest resident memory after the
imports, and how much it grew from there), ``modules`` (all that were imported by the end).
"""

from __future__ import annotations

import gc
import json
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from time import perf_counter

from benchmarks.job import Job


def main(contestant: str, modules: str, job: str) -> None:
    run = import_module(f"benchmarks.contestants.{contestant}").run
    for module in Path(modules).read_text().splitlines():
        with suppress(ImportError):  # made by another module under its own name
            import_module(module)
    gc.collect()
    before = _read_peak()
    started = perf_counter()
    run(Job(**json.loads(job)))
    seconds = perf_counter() - started
    extra = _read_peak() - before
    print()
    print(json.dumps({"seconds": seconds, "imported_mb": before, "extra_mb": extra, "modules": list(sys.modules)}))


def _read_peak() -> float:
    """Return the largest resident memory of this process so far, in MB; unlike ``ru_maxrss`` without its parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(*sys.argv[1:])
