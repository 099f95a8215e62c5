"""P4: any range, in chunks that are loaded before the next is requested; reading again is harmless."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from dataclasses import dataclass, field

import pytest

from datacoves_usage_provider.exceptions import UsageApiUnavailableError
from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.simulator.exchange import Response
from tests.support.truth import loaded, query, truth

pytestmark = pytest.mark.usefixtures("in_turn")


def test_p4_a_chunk_is_loaded_before_the_next_is_requested(api, simulator, collect, warehouse, sleeps):
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


@dataclass
class Scales:
    """Not a fault: it weighs what this process holds whenever a response is made, and leaves the response as it is."""

    weights: list[int] = field(default_factory=list)

    def spoil(self, response: Response) -> Response:
        gc.collect()
        self.weights.append(tracemalloc.get_traced_memory()[0])
        return response


@pytest.mark.parametrize("warehouse", ["sqlite", "postgres"], indirect=True)  # the stand-in for Snowflake is slow
def test_p4_a_task_keeps_nothing_of_the_chunks_that_it_has_loaded(api, simulator, collect, warehouse):
    """The weight when a chunk is requested does not grow by half a chunk."""
    api.environments = tuple(f"environment-{number:03}" for number in range(200))
    window = {"start": "2025-01-01", "end": "2025-05-05"}
    truth(api, query(**window))  # fills the simulator's own caches
    scales = Scales()
    tracemalloc.start()
    try:
        collect(start="2024-12-01", end="2025-01-01")  # and this those of the libraries
        simulator.faults[:] = [scales] * 100
        records = collect(**window)["loaded"]["records"]
    finally:
        tracemalloc.stop()
    at_each_chunk = scales.weights[::2]  # of two requests
    print(f"{records} records, MB held: {[round(weight / 1e6, 2) for weight in scales.weights]}")  # noqa: T201
    assert len(at_each_chunk) == 4
    assert max(at_each_chunk) - min(at_each_chunk) < 0.7e6
