"""Loads in processes of their own, which can be stopped or killed wherever a load may be."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from threading import get_ident
from typing import Any

from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.warehouse.dialects.database import Database
from tests.warehouse_proofs.loading import CONN_ID, Watch, load, open_warehouse

# Processes are forked from one that has no threads and has imported this module: they start in milliseconds.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__])

PHASES = ("start", "fetch", "lock and compare", "delete", "update", "insert", "log", "commit", "done")
_FIRST_WORDS = {
    "UPDATE usage_account": "lock and compare",
    "DELETE": "delete",
    "UPDATE usage_daily": "update",
    "INSERT INTO usage_daily": "insert",
    "INSERT INTO usage_revision": "log",
    "INSERT INTO usage_load_log": "log",
    "COPY usage_daily": "insert",
    "COPY usage_revision": "log",
    "COPY usage_load_log": "log",
    "COMMIT": "commit",
}


# The first write of rows that each load makes; how depends on the database.
UNDER_THE_LOCK = ("COPY usage_daily", "INSERT INTO usage_daily")


def find_phase(statement: str) -> int | None:
    return next((PHASES.index(phase) for words, phase in _FIRST_WORDS.items() if statement.startswith(words)), None)


@dataclass
class StopAfter:
    """
    Stops its own process, as a lost host does, when the load has run a statement that starts with (one of) ``words``.

    That is: before the next one, or the COMMIT, in the same transaction. Sets the event ``stopped`` just before.
    """

    words: str | tuple[str, ...]
    stopped: Any
    _is_next: bool = False

    def __call__(self, statement: str) -> None:
        if self._is_next and not self.stopped.is_set():
            self.stopped.set()
            signal.pthread_kill(get_ident(), signal.SIGSTOP)  # this thread; the others follow
        self._is_next = statement.lstrip().startswith(self.words)


@dataclass
class KillAfter:
    """Kills its own process when the load is about to run its ``statements``-th statement, from 0."""

    statements: int

    def __call__(self, _: str) -> None:
        if self.statements == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.statements -= 1


@dataclass(frozen=True)
class ShowPhase:
    """Keeps the index in ``PHASES`` of what the load does in shared memory, which a killed process leaves behind."""

    phase: Any

    def __call__(self, statement: str) -> None:
        phase = find_phase(statement)
        # Where the account has no row yet, looking for it and making it are commits of their own, before the load.
        if phase is not None and not (PHASES[phase] == "commit" and PHASES[self.phase.value] != "log"):
            self.phase.value = phase


class Worker:
    """A process that runs ``work``; a context ends it whatever happens."""

    def __init__(self, work: Callable[..., None], *arguments: Any) -> None:
        self._errors, errors = CONTEXT.Pipe(duplex=False)
        self.process = CONTEXT.Process(target=_report_error, args=(errors, work, *arguments))
        self.process.start()
        errors.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.join()
        self._errors.close()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def wait(self) -> tuple[str, ...]:
        """Return the names of the classes of the error that ended ``work``; none: it went well, or was killed."""
        try:
            return self._errors.recv()
        except EOFError:
            return ()
        finally:
            self.process.join()


def _report_error(errors: Any, work: Callable[..., None], *arguments: Any) -> None:
    try:
        work(*arguments)
    except Exception as error:  # noqa: BLE001 - the test that started the process judges it
        errors.send(tuple(kind.__name__ for kind in type(error).__mro__))


def load_once(uri: str, run: str, chunk: UsageChunk, watch: Watch | None = None, conn_id: str = CONN_ID) -> None:
    load(open_warehouse(uri, watch), run, chunk, conn_id)


def prepare_and_load(uri: str, run: str, chunk: UsageChunk, watch: Watch | None = None) -> None:
    warehouse = open_warehouse(uri, watch)
    warehouse.prepare()
    load(warehouse, run, chunk)


def prepare_and_load_within_short_limits(uri: str, run: str, chunk: UsageChunk, watch: Watch | None = None) -> None:
    shorten_limits(setattr)
    prepare_and_load(uri, run, chunk, watch)


def shorten_limits(set_attribute: Callable[[Any, str, Any], None]) -> None:
    """Let a second do for each minute that a load may wait; what the limits limit is not touched."""
    set_attribute(Database, "max_wait_seconds", 1)
