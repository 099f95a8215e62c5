"""The task instances of each day: their pods run exactly as long as the day's billed minutes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import accumulate, pairwise
from math import ceil

from datacoves_usage_provider.simulator.airflow_dags import DAGS, NIGHTLY, Dag
from datacoves_usage_provider.simulator.airflow_run import DagRun, Work
from datacoves_usage_provider.simulator.airflow_tasks import Pod, TaskInstance, Try
from datacoves_usage_provider.simulator.datacoves_usage import minutes_of_whole_day
from datacoves_usage_provider.simulator.usage import ONE_DAY, draw

NOTHING = timedelta()


@lru_cache(maxsize=128)
def make_day(environment: str, day: date) -> tuple[TaskInstance, ...]:
    """Return those that begin on ``day``: of a DAG that runs over midnight, also what is left for the next day."""
    billed = _get_billed(environment, day)
    if not billed:
        return ()
    nightly = _run_over_midnight(environment, day)
    left = billed - _sum_pods((*_run_over_midnight(environment, day - ONE_DAY), *nightly), day)
    lengths: list[int] = []

    def note(length: int) -> timedelta:
        lengths.append(length)
        return NOTHING

    # All else is of fixed length; what is left of the day goes to the tasks in proportion to their lengths.
    fixed = _sum_pods(_run_dags(environment, day, note), day)
    parts = _divide(left - fixed, lengths)
    return (*_run_dags(environment, day, lambda _: next(parts)), *nightly)


def measure_pod(pod: Pod, day: date) -> timedelta:
    """Return how long it ran on ``day``."""
    midnight = get_midnight(day)
    return max(min(pod.down, midnight + ONE_DAY) - max(pod.up, midnight), NOTHING)


def get_midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.utc)


def _get_billed(environment: str, day: date) -> timedelta:
    return timedelta(minutes=minutes_of_whole_day(environment, "airflow", day) or 0)


def _sum_pods(instances: Iterable[TaskInstance], day: date) -> timedelta:
    return sum((measure_pod(pod, day) for instance in instances for pod in instance.pods), NOTHING)


def _divide(whole: timedelta, lengths: list[int]) -> Iterator[timedelta]:
    """Divide ``whole`` in proportion to ``lengths``, so that the parts add up to the microsecond."""
    ends = [whole * end // sum(lengths) for end in accumulate(lengths, initial=0)]
    return (end - begin for begin, end in pairwise(ends))


def _run_dags(environment: str, day: date, work: Work) -> Iterator[TaskInstance]:
    for dag in DAGS:
        for number in range(_count_runs(dag, _get_billed(environment, day))):
            seed = f"{environment}/{day.toordinal()}/{dag.dag_id}/{number}"
            # The longest runs take less than three hours, and only the nightly ones may meet midnight.
            begin = get_midnight(day) + timedelta(seconds=int(3600 + 72000 * draw(seed)[1]), microseconds=number)
            yield from DagRun(dag, begin, seed, work).make_task_instances()


def _count_runs(dag: Dag, billed: timedelta) -> int:
    return ceil(dag.runs * billed / timedelta(minutes=1000))


def _run_over_midnight(environment: str, day: date) -> Iterable[TaskInstance]:
    """One pod runs for 2 % of the day's minutes until midnight and 2 % of the next day's after it."""
    before, after = (_get_billed(environment, one) // 50 for one in (day, day + ONE_DAY))
    if not before:
        return ()
    midnight = get_midnight(day + ONE_DAY)
    tries = {
        "dump": Try("success", (_make_pod(midnight - before, midnight + after),)),
        "copy": Try("success", tuple(_make_deferred_pods(midnight)), is_deferred=True),
    }
    begin = midnight - timedelta(hours=1)
    run_id = f"scheduled__{begin.isoformat()}"
    return tuple(
        TaskInstance(NIGHTLY.dag_id, run_id, task.task_id, -1, begin, "success", (tries[task.task_id],))
        for task in NIGHTLY.tasks
    )


def _make_deferred_pods(midnight: datetime) -> Iterator[Pod]:
    for minutes, seconds in ((-20, 26), (15, 28)):
        up = midnight + timedelta(minutes=minutes)
        yield _make_pod(up, up + timedelta(seconds=seconds))


def _make_pod(up: datetime, down: datetime) -> Pod:
    return Pod(up - timedelta(seconds=8), up, up + timedelta(seconds=16), down - timedelta(seconds=1.5), down)
