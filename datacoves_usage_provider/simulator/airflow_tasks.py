"""Task instances as they really were: tries, and the pods that ran them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Pod:
    """Its container runs, and is billed, from ``up`` to ``down``; the task in it runs from ``started`` to ``ended``."""

    queued: datetime
    up: datetime
    started: datetime
    ended: datetime
    down: datetime


@dataclass(frozen=True)
class Try:
    """One try, with the state in which it ended. It has several pods if it was deferred, or if each poke had one."""

    state: str
    pods: tuple[Pod, ...]
    is_deferred: bool = False


@dataclass(frozen=True)
class TaskInstance:
    """
    ``created``: when its DAG run began. ``state``: what became of it, which need not be the state of its last try.

    A task instance without tries was skipped, or succeeded, without a pod; if ``state`` is None, it waits for ever.
    """

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    created: datetime
    state: str | None
    tries: tuple[Try, ...] = ()

    @property
    def pods(self) -> Iterator[Pod]:
        return (pod for one in self.tries for pod in one.pods)
