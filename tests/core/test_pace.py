"""How many requests may be under way at once: fewer after each that was put off, more again after ten that were not."""

from __future__ import annotations

import time
from threading import Event, Thread

import pytest

from datacoves_usage_provider.client.pace import Pace


def count_turns(pace: Pace) -> int:
    """Return how many of six threads have a turn at the same time."""
    having: list[bool] = []
    done = Event()

    def have() -> None:
        with pace.turn():
            having.append(True)
            done.wait(10)

    threads = [Thread(target=have) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    count = len(having)
    done.set()
    for thread in threads:
        thread.join(10)
    assert len(having) == 6
    return count


@pytest.mark.parametrize(
    ("slower", "faster", "turns"), [(0, 0, 4), (1, 0, 2), (2, 0, 1), (9, 0, 1), (2, 9, 1), (2, 10, 2), (1, 20, 4)]
)
def test_p9_it_halves_down_to_one_and_grows_by_one_after_ten(slower, faster, turns):
    pace = Pace(4)
    for _ in range(slower):
        pace.slow_down()
    for _ in range(faster):
        pace.speed_up()
    assert count_turns(pace) == turns


def test_p9_it_never_exceeds_the_most_however_well_it_goes():
    pace = Pace(4)
    for _ in range(100):
        pace.speed_up()
    assert count_turns(pace) == 4
    pace.slow_down()
    assert count_turns(pace) == 2
