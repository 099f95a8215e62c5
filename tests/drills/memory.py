"""How much memory something takes at most, as Linux counts it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def measure_memory() -> Iterator[Callable[[], float]]:
    """Yield a function that returns by how many MB this process has grown at most since the block began."""
    Path("/proc/self/clear_refs").write_text("5")  # lets the peak begin anew
    before = _read_mb("VmRSS")
    yield lambda: _read_mb("VmHWM") - before


def _read_mb(name: str) -> float:
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1000
