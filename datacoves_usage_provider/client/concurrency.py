"""How many requests may be in flight, and the threads that send them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, as_completed
from contextlib import contextmanager, suppress
from contextvars import copy_context
from threading import Condition, Thread
from time import monotonic
from typing import Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")

_INCREASE = 0.1
_LAST_MOMENTS = 0.5
"""Seconds that calls in flight have to end after they are stopped."""


class ConcurrencyLimit:
    """
    Lets at most ``most`` requests be in flight, their waits between tries included.

    The limit adapts: each try that calls for a retry halves it, down to one, and every ten others raise it by one.
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


def map_concurrently(
    call: Callable[[S], T], items: Iterable[S], threads: int, stop: Callable[[], None], seconds: float | None = None
) -> list[T]:
    """
    Return what ``call`` makes of each item, in their order, calling it in up to ``threads`` other threads.

    This thread only waits, so a signal that raises an error in it is never late. The first error ends it, from a call,
    from a signal, or a ``concurrent.futures.TimeoutError`` after ``seconds``: no further call is started, ``stop`` must
    end those in flight, and one that does not end soon, such as the lookup of a host's name, is left behind.
    """
    calls = [(Future[T](), item) for item in items]
    waiting = deque(calls)
    workers = [_Worker(call, waiting) for _ in range(min(threads, len(calls)))]
    try:
        for worker in workers:
            worker.start()
        for future in as_completed([future for future, _ in calls], timeout=seconds):
            future.result()
    except BaseException:  # also the signal that ends a task
        waiting.clear()
        stop()
        _join(workers)
        raise
    return [future.result() for future, _ in calls]


class _Worker(Thread, Generic[S, T]):
    """Takes calls until none is waiting. Python does not wait for it when the task's process ends."""

    def __init__(self, call: Callable[[S], T], waiting: deque[tuple[Future[T], S]]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self._context = copy_context()  # which says for Airflow's log lines which task this is
        self._waiting = waiting

    def run(self) -> None:
        with suppress(IndexError):
            while True:
                future, item = self._waiting.popleft()
                try:
                    future.set_result(self._context.run(self._call, item))
                except BaseException as error:  # noqa: BLE001 (it is raised again in the thread that waits)
                    self._waiting.clear()  # otherwise another item could start before that thread notices the error
                    future.set_exception(error)


def _join(workers: Iterable[Thread]) -> None:
    due = monotonic() + _LAST_MOMENTS
    for worker in workers:
        if worker.is_alive():
            worker.join(max(0.0, due - monotonic()))
