"""What Airflow's tables say of a task instance at one moment: the traps of a real table, and no more than it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from datacoves_usage_provider.simulator.airflow_tasks import Pod, TaskInstance, Try


class TaskRow(NamedTuple):
    """A row of ``task_instance``, or, without its last column, of ``task_instance_history``."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int
    state: str | None
    queued_dttm: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    updated_at: datetime


class Span(NamedTuple):
    """An earlier poke, or a failed try as ``task_fail`` has it: neither its queue nor its number."""

    instance: TaskInstance
    try_number: int
    start_date: datetime
    end_date: datetime


def make_current_row(instance: TaskInstance, at: datetime) -> TaskRow | None:
    """Return its row of ``task_instance``; None: there is none yet."""
    if instance.created > at:
        return None
    number = sum(one.pods[0].queued <= at for one in instance.tries)
    if not number:
        done = instance.created if instance.state and not instance.tries else None
        state = None if instance.tries else instance.state
        return _make_row(instance, 0, state, (None, done, done), instance.created)
    one = instance.tries[number - 1]
    pod = [pod for pod in one.pods if pod.queued <= at][-1]
    if at < pod.started:
        earlier = instance.tries[number - 2] if number > 1 else None
        return _make_row(instance, number, "queued", (pod.queued, *_times_before(one, pod, earlier)), pod.queued)
    started = one.pods[0].started if one.is_deferred else pod.started
    if at < pod.ended:
        return _make_row(instance, number, "running", (pod.queued, started, None), pod.started)
    ended = None if one.is_deferred and pod is not one.pods[-1] else pod.ended
    return _make_row(instance, number, _state_after(instance, one, pod), (pod.queued, started, ended), pod.ended)


def make_earlier_rows(instance: TaskInstance, at: datetime) -> Iterator[TaskRow]:
    """Its rows of ``task_instance_history``: those of a cleared task that was not run again have its last try too."""
    begun = [one for one in instance.tries if one.pods[0].queued <= at]
    is_cleared = begun and at >= begun[-1].pods[-1].ended and begun[-1] is instance.tries[-1] and _is_cleared(instance)
    for number, one in enumerate(begun if is_cleared else begun[:-1], 1):
        last = one.pods[-1]
        started = one.pods[0].started if one.is_deferred else last.started
        yield _make_row(instance, number, one.state, (last.queued, started, last.ended), last.ended)


def find_earlier_pokes(instance: TaskInstance, at: datetime) -> Iterator[Span]:
    for number, one in enumerate(instance.tries, 1):
        for pod in () if one.is_deferred else one.pods[:-1]:
            if pod.ended <= at:
                yield Span(instance, number, pod.started, pod.ended)


def find_failures(instance: TaskInstance, at: datetime) -> Iterator[Span]:
    """A pod that was killed leaves two rows with one start, since Airflow notices twice."""
    for number, one in enumerate(instance.tries, 1):
        pod = one.pods[-1]
        if one.state == "failed" and pod.ended <= at:
            yield Span(instance, number, pod.started, pod.ended)
            if pod.down < pod.ended:
                yield Span(instance, number, pod.started, pod.ended - timedelta(seconds=2))


def _is_cleared(instance: TaskInstance) -> bool:
    return instance.state != instance.tries[-1].state


def _state_after(instance: TaskInstance, one: Try, pod: Pod) -> str | None:
    if pod is not one.pods[-1]:
        return "deferred" if one.is_deferred else "up_for_reschedule"
    if one is instance.tries[-1]:
        return instance.state
    return "up_for_retry" if one.state == "failed" else one.state


def _times_before(one: Try, pod: Pod, earlier: Try | None) -> tuple[datetime | None, datetime | None]:
    """Return start and end of a row that waits for ``pod``: those of the pod before, whatever try that was of."""
    number = one.pods.index(pod)
    if number and one.is_deferred:
        return one.pods[0].started, None
    before = one.pods[number - 1] if number else earlier.pods[-1] if earlier else None
    return (before.started, before.ended) if before else (None, None)


def _make_row(
    instance: TaskInstance,
    number: int,
    state: str | None,
    times: tuple[datetime | None, datetime | None, datetime | None],
    updated: datetime,
) -> TaskRow:
    key = instance.dag_id, instance.run_id, instance.task_id, instance.map_index
    return TaskRow(*key, number, state, *times, updated)
