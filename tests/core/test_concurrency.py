"""How many requests may be in flight: fewer after each that was put off, more again after ten that were not."""

from __future__ import annotations

import time
from concurrent import futures
from threading import Event, Semaphore, Thread

import pytest

from datacoves_usage_provider.client.concurrency import ConcurrencyLimit, map_concurrently

PATIENCE = 20.0  # seconds


def count_holders(limit: ConcurrencyLimit, expected: int) -> int:
    """Return how many of six threads hold a place at once, as soon as there are ``expected`` and no more come."""
    holding: list[bool] = []
    enough, done = Semaphore(0), Event()

    def hold() -> None:
        with limit.acquire():
            holding.append(True)
            enough.release()
            done.wait(PATIENCE)

    threads = [Thread(target=hold) for _ in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(expected):
        enough.acquire(timeout=PATIENCE)
    time.sleep(0.05)
    count = len(holding)
    done.set()
    for thread in threads:
        thread.join(PATIENCE)
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
    assert count_holders(limit, places) == places


def test_p9_it_never_exceeds_the_most_however_well_it_goes():
    limit = ConcurrencyLimit(4)
    for _ in range(100):
        limit.increase()
    assert count_holders(limit, 4) == 4
    limit.decrease()
    assert count_holders(limit, 2) == 2


@pytest.mark.parametrize("threads", [1, 4])
def test_results_come_in_the_order_of_the_items_whatever_ends_first(threads):
    assert map_concurrently(lambda n: time.sleep(0.01 * (3 - n)) or n, range(4), threads, pytest.fail) == [0, 1, 2, 3]


def test_p9_the_calls_end_when_their_time_is_over():
    stopped = Event()
    with pytest.raises(futures.TimeoutError):
        map_concurrently(lambda _: stopped.wait(PATIENCE), range(2), 1, stopped.set, seconds=0.05)
    assert stopped.is_set()


def test_p8_the_first_error_stops_the_others():
    """Those in flight end only because they are stopped, and most of the rest is never begun."""
    stopped, ends = Event(), []

    def call(item: str) -> None:
        if item == "fails":
            raise ValueError(item)
        ends.append(stopped.wait(PATIENCE))
        time.sleep(0.02)

    with pytest.raises(ValueError, match="fails"):
        map_concurrently(call, ["fails", *["waits"] * 100], 2, stopped.set)
    assert set(ends) <= {True}
    assert len(ends) < 100
