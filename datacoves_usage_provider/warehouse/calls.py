"""Work on the database in a thread, so that neither a silent server nor a lock keeps a task that is told to end."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from threading import Event, Thread
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import Engine

from datacoves_usage_provider.warehouse.dialects.database import Database

T = TypeVar("T")

_LOOK_SECONDS = 1.0
_END_SECONDS = 0.5


class OverdueError(Exception):
    """The database was silent for too long, or the work was not done in time; the text says which."""


class Calls:
    """
    Runs work on the connections of one engine, and ends it when the server is silent or the caller is interrupted.

    ``max_seconds``: it also ends work that takes longer than that in all, or half of it for the login.

    Drivers wait in C, where Python's handlers of signals do not run: Airflow's timeout and SIGTERM would have to wait,
    too. So the caller's thread waits in Python, and the driver in another. What has been ended cannot be used again.
    The engine may keep a connection from one call to the next; ``close`` closes it.
    """

    def __init__(self, engine: Engine, database: Database, max_seconds: float | None = None) -> None:
        self._engine = engine
        self._database = database
        self._max_seconds = max_seconds
        self._connections: list[Any] = []
        self._heard = 0.0
        self._has_ended = False
        event.listen(engine, "connect", self._add)
        event.listen(engine, "close", self._remove)
        for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(engine, moment, self._hear)

    def run(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns. Raises what it raises, ``OverdueError``, or what interrupts the caller."""
        done = Event()
        results: list[T] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                results.append(work())
            except BaseException as error:  # noqa: BLE001 - raised in the caller's thread
                errors.append(error)
            finally:
                done.set()

        if self._has_ended:
            raise OverdueError("its connection was closed, as an earlier call did not end")
        self._hear()
        # A daemon, so that one that still waits for a login does not keep the process.
        Thread(target=copy_context().run, args=(run,), daemon=True).start()
        self._wait(done)
        if errors:
            raise errors[0]
        return results[0]

    def _wait(self, done: Event) -> None:
        since = time.monotonic()
        try:
            while not done.wait(_LOOK_SECONDS):
                self._check_time(time.monotonic() - since)
                limit = self._database.max_silent_seconds if self._connections else self._database.max_wait_seconds
                if time.monotonic() - self._heard > limit:
                    raise OverdueError(f"nothing was heard from it for {limit:g} seconds")
        except BaseException:
            self._end()
            done.wait(_END_SECONDS)
            raise

    def close(self) -> None:
        """Close what the engine keeps, but do not wait long for a silent server to notice."""
        if self._has_ended:
            return
        thread = Thread(target=self._engine.dispose, daemon=True)
        with suppress(RuntimeError):  # a process that ends starts no thread; it closes everything by itself
            thread.start()
            thread.join(_END_SECONDS)

    def _check_time(self, seconds: float) -> None:
        if self._max_seconds is not None:
            limit = self._max_seconds if self._connections else self._max_seconds / 2
            if seconds >= limit:
                raise OverdueError(f"it took longer than {limit:g} seconds")

    def _end(self) -> None:
        self._has_ended = True
        for connection in self._connections:
            self._database.interrupt(connection)

    def _add(self, connection: Any, _: Any) -> None:
        self._connections.append(connection)
        self._hear()

    def _remove(self, connection: Any, _: Any) -> None:
        self._connections = [other for other in self._connections if other is not connection]

    def _hear(self, *_: Any) -> None:
        if self._has_ended:
            raise InterruptedError("Airflow stopped the task.")
        self._heard = time.monotonic()
