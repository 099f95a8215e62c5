"""The same call for many things, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def call_side_by_side(call: Callable[[S], T], items: Iterable[S], most: int, stop: Callable[[], None]) -> list[T]:
    """
    Return what ``call`` makes of each item, in their order, calling it in up to ``most`` threads; 1: in this one.

    The first error ends it: no further item is begun, and ``stop`` must bring those under way to an end.
    """
    if most == 1:
        return [call(item) for item in items]
    with ThreadPoolExecutor(most) as pool:
        futures = [pool.submit(call, item) for item in items]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:  # also the signal that ends a task
            stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in futures]
