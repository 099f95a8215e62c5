"""How many requests may be in flight, and the threads that send them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from threading import Condition
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")

_INCREASE = 0.1


class ConcurrencyLimit:
    """
    Lets at most ``most`` requests be in flight, their waits between tries included.

    The limit adapts: it is halved for each response that asks to come again later, down to one, and raised by one for
    every ten others.
    """

    def __init__(self, most: int) -> None:
        self._most = self._limit = float(most)
        self._in_flight = 0
        self._changed = Condition()

    @contextmanager
    def acquire(self) -> Iterator[None]:
        """Wait for a free place, and hold it for the length of the block."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_flight < int(self._limit))
            self._in_flight += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def decrease(self) -> None:
        with self._changed:
            self._limit = max(1.0, self._limit / 2)

    def increase(self) -> None:
        with self._changed:
            self._limit = min(self._most, self._limit + _INCREASE)


def map_concurrently(call: Callable[[S], T], items: Iterable[S], threads: int, stop: Callable[[], None]) -> list[T]:
    """
    Return what ``call`` makes of each item, in their order, calling it in up to ``threads`` threads; 1: in this one.

    The first error ends it: no further item is started, and ``stop`` must bring those in flight to an end.
    """
    if threads == 1:
        return [call(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(call, item) for item in items]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:  # also the signal that ends a task
            stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in futures]
