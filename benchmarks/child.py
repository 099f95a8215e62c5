"""
One contestant, once, in a process of its own: ``python -m benchmarks.child CONTESTANT MODULES JOB``.

``MODULES`` is a file that lists what it is known to import; all of it is imported before the clock starts. The last
line that it prints is JSON: ``seconds`` and ``cpu_seconds`` of its own; ``imported_mb``, its largest resident memory
after the imports, and ``extra_mb``, by how much it then grew; ``modules``, all that it had imported by the end.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.job import Job


def main(contestant: str, modules: str, job: str) -> None:
    run = prepare(contestant, modules)
    imported, started, busy = _read_peak(), perf_counter(), process_time()
    run(Job(**json.loads(job)))
    measured = {
        "seconds": perf_counter() - started,
        "cpu_seconds": process_time() - busy,
        "imported_mb": imported,
        "extra_mb": _read_peak() - imported,
        "modules": list(sys.modules),
    }
    print("\n" + json.dumps(measured))


def prepare(contestant: str, modules: str) -> Callable[[Job], None]:
    """Import all that is in the file ``modules``; return what runs the contestant."""
    run: Callable[[Job], None] = import_module(f"benchmarks.contestants.{contestant}").run
    for module in Path(modules).read_text().splitlines():
        with suppress(ImportError):  # made by another module under a name of its own
            import_module(module)
    gc.collect()  # what the imports left is nobody's work
    return run


def _read_peak() -> float:
    """Return the largest resident memory of this process so far, in MB; unlike ``ru_maxrss`` without its parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(*sys.argv[1:])
