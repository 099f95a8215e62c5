"""One DAG run, task after task: what each behaviour does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from datacoves_usage_provider.simulator.airflow_dags import Behaviour, Dag, Task
from datacoves_usage_provider.simulator.airflow_tasks import Pod, TaskInstance, Try
from datacoves_usage_provider.simulator.usage import draw

Work = Callable[[int], timedelta]
"""How long a task runs that is as long as this, in milliseconds, compared with other tasks."""


class DagRun:
    """Its task instances follow each other from ``begin`` on; those of a mapped task begin together."""

    def __init__(self, dag: Dag, begin: datetime, seed: str, work: Work) -> None:
        self.now = begin
        self._dag = dag
        self._begin = begin
        self._seed = seed
        self._work = work
        self._draws = 0

    def make_task_instances(self) -> Iterator[TaskInstance]:
        for task in self._dag.tasks:
            begin = end = self.now
            for index in range(task.instances):
                self.now = begin
                yield self._make_task_instance(task, index if task.instances > 1 else -1)
                end = max(end, self.now)
            self.now = end

    def _make_task_instance(self, task: Task, map_index: int) -> TaskInstance:
        tries, state = _BEHAVIOURS[task.behaviour](self, task)
        run_id = f"scheduled__{self._begin.isoformat()}"
        return TaskInstance(self._dag.dag_id, run_id, task.task_id, map_index, self._begin, state, tries)

    def draw(self, low: float, high: float) -> float:
        self._draws += 1
        return low + (high - low) * draw(f"{self._seed}/{self._draws}")[0]

    def wait(self, low: float, high: float) -> None:
        self.now += timedelta(seconds=self.draw(low, high))

    def add_pod(self, seconds: float) -> Pod:
        """A pod whose task runs as long as that, compared with other tasks."""
        return self._add_pod(self._work(round(seconds * self.draw(500, 1500))))

    def add_short_pod(self, low: float, high: float) -> Pod:
        """A pod whose task really runs that many seconds."""
        return self._add_pod(timedelta(seconds=self.draw(low, high)))

    def _add_pod(self, work: timedelta) -> Pod:
        queued = self.now
        self.wait(2, 20)
        up = self.now
        self.wait(13.5, 18.5)
        started = self.now
        self.now += work
        ended = self.now
        self.wait(1, 2)
        down = self.now
        self.wait(0.5, 5)
        return Pod(queued, up, started, ended, down)


Outcome = tuple[tuple[Try, ...], str | None]


def _run_once(run: DagRun, task: Task, state: str = "success") -> Outcome:
    return (Try(state, (run.add_pod(task.seconds),)),), state


def _run_twice(run: DagRun, task: Task, first: Try) -> Outcome:
    run.wait(300, 305)
    (second,), state = _run_once(run, task)
    return (first, second), state


def _fail_at_times(run: DagRun, task: Task) -> Outcome:
    if run.draw(0, 4) >= 1:
        return _run_once(run, task)
    return _run_twice(run, task, Try("failed", (run.add_pod(task.seconds / 2),)))


def _get_killed_at_times(run: DagRun, task: Task) -> Outcome:
    if run.draw(0, 4) >= 1:
        return _run_once(run, task)
    pod = run.add_pod(task.seconds / 2)
    noticed = timedelta(seconds=20)
    run.now += noticed
    return _run_twice(run, task, Try("failed", (Pod(pod.queued, pod.up, pod.started, pod.ended + noticed, pod.ended),)))


def _run_again_at_times(run: DagRun, task: Task) -> Outcome:
    (first,), state = _run_once(run, task)
    return ((first,), state) if run.draw(0, 20) >= 1 else _run_twice(run, task, first)


def _defer(run: DagRun, _: Task) -> Outcome:
    first = run.add_short_pod(5, 11)
    run.wait(300, 1800)
    return (Try("success", (first, run.add_short_pod(8, 16)), is_deferred=True),), "success"


def _poke(run: DagRun, _: Task) -> Outcome:
    pods = [run.add_short_pod(0.8, 2.5)]
    while run.draw(0, 1) < 0.6 and len(pods) < 8:
        run.wait(180, 185)
        pods.append(run.add_short_pod(0.8, 2.5))
    return (Try("success", tuple(pods)),), "success"


_BEHAVIOURS: dict[Behaviour, Callable[[DagRun, Task], Outcome]] = {
    Behaviour.PLAIN: _run_once,
    Behaviour.FLAKY: _fail_at_times,
    Behaviour.DEFERRED: _defer,
    Behaviour.POKING: _poke,
    Behaviour.EMPTY: lambda run, task: ((), "success"),
    Behaviour.NOT_CHOSEN: lambda run, task: ((), "skipped"),
    Behaviour.SKIPS_ITSELF: lambda run, task: _run_once(run, task, "skipped"),
    Behaviour.RUN_AGAIN: _run_again_at_times,
    Behaviour.CLEARED: lambda run, task: (_run_once(run, task)[0], "upstream_failed"),
    Behaviour.KILLED: _get_killed_at_times,
    Behaviour.NEVER_STARTED: lambda run, task: ((), None),
}
