"""What a test needs that sends a signal to its own process."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture
def no_garbage_collection() -> Iterator[None]:
    """In a callback of the garbage collector, Python ignores what a signal's handler raises, and the test goes on."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
