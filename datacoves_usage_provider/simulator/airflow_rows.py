"""What Airflow's tables say of a task instance at one moment, with all that they do not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from datacoves_usage_provider.simulator.airflow_tasks import Pod, TaskInstance, Try

Times = tuple[datetime | None, datetime | None, datetime | None]


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
    """An earlier poke as ``task_reschedule`` has it, or a failed try as ``task_fail`` has it."""

    instance: TaskInstance
    try_number: int
    start_date: datetime
    end_date: datetime


def make_current_row(instance: TaskInstance, at: datetime) -> TaskRow | None:
    """Return its row of ``task_instance``; None: there is none yet."""
    if instance.created > at:
        return None
    tries = _find_begun(instance, at)
    return _make_row_of_latest(instance, tries, at) if tries else _make_row_without_pod(instance)


def make_earlier_rows(instance: TaskInstance, at: datetime) -> Iterator[TaskRow]:
    """Yield its rows of ``task_instance_history``; if it was cleared and not run again, its last try has one, too."""
    tries = _find_begun(instance, at)
    is_over = len(tries) == len(instance.tries) > 0 and tries[-1].pods[-1].ended <= at
    for number, one in enumerate(tries if is_over and instance.state != tries[-1].state else tries[:-1], 1):
        pod = one.pods[-1]
        yield _make_row(instance, number, one.state, (pod.queued, _find_start(one, pod), pod.ended), pod.ended)


def find_earlier_pokes(instance: TaskInstance, at: datetime) -> Iterator[Span]:
    for number, one in enumerate(instance.tries, 1):
        for pod in () if one.is_deferred else one.pods[:-1]:
            if pod.ended <= at:
                yield Span(instance, number, pod.started, pod.ended)


def find_failures(instance: TaskInstance, at: datetime) -> Iterator[Span]:
    """Yield its rows of ``task_fail``. A pod that was killed can leave two rows with one start."""
    for number, one in enumerate(instance.tries, 1):
        pod = one.pods[-1]
        if one.state == "failed" and pod.ended <= at:
            yield Span(instance, number, pod.started, pod.ended)
            if pod.down < pod.ended:
                yield Span(instance, number, pod.started, pod.ended - timedelta(seconds=2))


def _find_begun(instance: TaskInstance, at: datetime) -> Sequence[Try]:
    return [one for one in instance.tries if one.pods[0].queued <= at]


def _make_row_without_pod(instance: TaskInstance) -> TaskRow:
    """It waits to be queued for the first time, for ever perhaps, or needs no pod."""
    state = None if instance.tries else instance.state
    done = instance.created if state else None
    return _make_row(instance, 0, state, (None, done, done), instance.created)


def _make_row_of_latest(instance: TaskInstance, tries: Sequence[Try], at: datetime) -> TaskRow:
    one, number = tries[-1], len(tries)
    pod = [pod for pod in one.pods if pod.queued <= at][-1]
    if at < pod.started:
        return _make_row(instance, number, "queued", (pod.queued, *_find_times_before(tries, pod)), pod.queued)
    if at < pod.ended:
        return _make_row(instance, number, "running", (pod.queued, _find_start(one, pod), None), pod.started)
    ended = None if one.is_deferred and pod is not one.pods[-1] else pod.ended
    state = _find_state_after(instance, one, pod)
    return _make_row(instance, number, state, (pod.queued, _find_start(one, pod), ended), pod.ended)


def _find_times_before(tries: Sequence[Try], pod: Pod) -> tuple[datetime | None, datetime | None]:
    """Return start and end of a row that waits for ``pod``: those of the pod before, even if it is of another try."""
    number = tries[-1].pods.index(pod)
    if number and tries[-1].is_deferred:
        return tries[-1].pods[0].started, None
    before = tries[-1].pods[number - 1] if number else tries[-2].pods[-1] if len(tries) > 1 else None
    return (before.started, before.ended) if before else (None, None)


def _find_start(one: Try, pod: Pod) -> datetime:
    return one.pods[0].started if one.is_deferred else pod.started


def _find_state_after(instance: TaskInstance, one: Try, pod: Pod) -> str | None:
    if pod is not one.pods[-1]:
        return "deferred" if one.is_deferred else "up_for_reschedule"
    if one is instance.tries[-1]:
        return instance.state
    return "up_for_retry" if one.state == "failed" else one.state


def _make_row(instance: TaskInstance, number: int, state: str | None, times: Times, updated: datetime) -> TaskRow:
    key = instance.dag_id, instance.run_id, instance.task_id, instance.map_index
    return TaskRow(*key, number, state, *times, updated)
