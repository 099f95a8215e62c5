"""P4: any range, in chunks that are loaded before the next is asked for; reading again is harmless."""

from __future__ import annotations

import gc
import weakref
from datetime import date

import pytest

from datacoves_usage_provider.exceptions import UsageApiUnavailableError
from datacoves_usage_provider.simulator import faults
from tests.support.truth import loaded, query, truth

START = date(2024, 12, 20)


def test_p4_a_chunk_is_loaded_before_the_next_is_asked_for(api, simulator, collect, warehouse, sleeps):
    simulator.faults.extend([None] * 4 + [faults.Status(500)] * 5)
    with pytest.raises(UsageApiUnavailableError):
        collect(start="2025-01-01", end="2025-05-01")
    assert loaded(warehouse) == truth(api, query("2025-01-01", "2025-03-04"))
    collect(start="2025-01-01", end="2025-05-01")
    assert loaded(warehouse) == truth(api, query("2025-01-01", "2025-05-01"))


def test_p4_no_chunk_that_was_taken_is_kept(hook):
    taken = [weakref.ref(chunk) for chunk in hook.read(query("2025-01-01", "2025-12-31"))]
    gc.collect()
    assert [chunk() for chunk in taken] == [None] * 12
