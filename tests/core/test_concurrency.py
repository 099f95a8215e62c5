"""How many requests may be in flight: fewer after each that was put off, more again after ten that were not."""

from __future__ import annotations

import time
from threading import Event, Thread

import pytest

from datacoves_usage_provider.client.concurrency import ConcurrencyLimit


def count_holders(limit: ConcurrencyLimit) -> int:
    """Return how many of six threads hold a place at the same time."""
    holding: list[bool] = []
    done = Event()

    def hold() -> None:
        with limit.acquire():
            holding.append(True)
            done.wait(10)

    threads = [Thread(target=hold) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    count = len(holding)
    done.set()
    for thread in threads:
        thread.join(10)
    assert len(holding) == 6
    return count


@pytest.mark.parametrize(
    ("decreases", "increases", "places"),
    [(0, 0, 4), (1, 0, 2), (2, 0, 1), (9, 0, 1), (2, 9, 1), (2, 10, 2), (1, 20, 4)],
)
def test_p9_it_halves_down_to_one_and_grows_by_one_after_ten(decreases, increases, places):
    limit = ConcurrencyLimit(4)
    for _ in range(decreases):
        limit.decrease()
    for _ in range(increases):
        limit.increase()
    assert count_holders(limit) == places


def test_p9_it_never_exceeds_the_most_however_well_it_goes():
    limit = ConcurrencyLimit(4)
    for _ in range(100):
        limit.increase()
    assert count_holders(limit) == 4
    limit.decrease()
    assert count_holders(limit) == 2
