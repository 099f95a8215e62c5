"""P17: pods and run times of a real Airflow's task instances are those that its executor saw."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from tests.real_runs.tasks.conftest import Allocated
from tests.real_runs.tasks.running import CLEARED_WHILE_RUNNING, ENDING, KILLED, NEVER_STARTED, RUNNING

EXPECTED_PODS = {
    "cleared": 2,
    "cleared_and_not_run": 3,
    "deferred": 2,
    "empty": 1,  # the operator with a callback
    "killed": 2,
    "mapped": 3,
    "poking": 3,
    "retried": 3,
    "skipped": 1,
    "timed_out": 1,
    "upstream_failed": 1,
}
NOTICED_LATE = 2.5
"""Seconds between the end of a process and that of the task in the table, at most; also what hundredths round."""


def sum_by_dag(rows: list[dict[str, Any]], column: str) -> dict[str, float]:
    sums: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        if row["allocated_resource_id"]:
            sums[row["allocated_resource_id"]] += row[column] or 0
    return dict(sums)


def test_p17_each_dag_has_the_pods_that_the_executor_started(allocated: Allocated) -> None:
    started = Counter(pod.dag_id for pod in allocated.pods)
    assert sum_by_dag(allocated.shares, "x_pods") == started
    assert {dag_id: started[dag_id] for dag_id in EXPECTED_PODS} == EXPECTED_PODS


def test_p17_no_dag_has_more_run_time_than_the_executor_saw(allocated: Allocated) -> None:
    seen: Counter[str] = Counter()
    for pod in allocated.pods:
        seen[pod.dag_id] += (pod.end - pod.start).total_seconds()
    ran = {dag_id: 60 * minutes for dag_id, minutes in sum_by_dag(allocated.shares, "x_execution_quantity").items()}
    assert ran.keys() == ENDING
    # Airflow 2.10 may notice only tens of seconds later that a task ended which was cleared while it ran.
    for dag_id in ran.keys() - CLEARED_WHILE_RUNNING.keys() - {KILLED}:
        assert ran[dag_id] <= seen[dag_id] + NOTICED_LATE, dag_id


def test_p17_a_killed_try_has_ended_when_the_next_starts(allocated: Allocated) -> None:
    pods = [pod for pod in allocated.pods if pod.dag_id == KILLED]
    from_first_to_last = (max(pod.end for pod in pods) - min(pod.start for pod in pods)).total_seconds()
    ran = 60 * sum_by_dag(allocated.shares, "x_execution_quantity")[KILLED]
    # Nobody but the scheduler can note the end of a killed try, and a busy one is late.
    assert 0 < ran <= from_first_to_last + NOTICED_LATE


def test_p17_the_bill_of_what_the_executor_saw_is_within_the_bounds_and_split_whole(allocated: Allocated) -> None:
    assert {row["x_status"] for row in allocated.reconciled if row["x_pods"]} == {"within"}
    billed = sum(row["consumed_quantity"] for row in allocated.reconciled)
    assert sum(row["consumed_quantity"] for row in allocated.shares) == pytest.approx(billed)
    assert billed > 1


def test_p17_what_runs_has_no_end_and_what_never_started_is_not_there(allocated: Allocated) -> None:
    assert {one.dag_id for one in allocated.runs.tries if one.end is None} == {RUNNING}
    assert NEVER_STARTED not in {one.dag_id for one in allocated.runs.tries}
