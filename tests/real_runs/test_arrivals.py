"""The recipes of the docs with a real scheduler: who waits for usage runs when it has arrived, and only then."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.real_runs.arrivals import (
    BACKFILL,
    BUDGETS,
    DAILY,
    PARTITION,
    PARTITIONED,
    REPORT,
    REPORT_PARTITION,
    RUN_ID,
    Arrivals,
)
from tests.real_runs.cases import AIRFLOW
from tests.real_runs.reading import RealRuns


@pytest.fixture
def arrivals(real_runs: RealRuns) -> Arrivals:
    return real_runs.arrivals


def find_woken(arrivals: Arrivals, dag_id: str) -> list[tuple[dict[str, Any], str]]:
    """Return each event that made a run of this DAG, and what this run logged."""
    name = "dag_run_id" if AIRFLOW == 2 else "run_id"
    return [
        (event, arrivals.logs[dag_id, run[name]])
        for event in arrivals.events
        for run in event["created_dagruns"]
        if (dag_id, run[name]) in arrivals.logs
    ]


def find_yesterdays(real_runs: RealRuns) -> set[date]:
    """Return the day before a run by hand, and that before the schedule's last run, which is at 03:00 UTC."""
    moments = (real_runs.started, real_runs.ended)
    return {(moment - timedelta(hours=hours)).date() - timedelta(days=1) for moment in moments for hours in (0, 3)}


def test_a_dag_runs_when_yesterday_has_arrived(real_runs: RealRuns, arrivals: Arrivals) -> None:
    woken = find_woken(arrivals, REPORT)
    assert {event["source_dag_id"] for event, _ in woken} == {DAILY}
    yesterdays = find_yesterdays(real_runs)
    windows = [{"start": f"{day}", "end": f"{day + timedelta(days=1)}"} for day in yesterdays]
    for event, log in woken:
        assert event["extra"]["window"] in windows
        assert any(f"arrived: {window} complete: True" in log for window in windows)


def test_budgets_are_checked_up_to_yesterday_when_it_has_arrived(real_runs: RealRuns, arrivals: Arrivals) -> None:
    woken = find_woken(arrivals, BUDGETS)
    assert {event["source_dag_id"] for event, _ in woken} == {DAILY}
    yesterdays = find_yesterdays(real_runs)
    for _, log in woken:
        assert any(f"Budgets checked up to {day}: 2." in log for day in yesterdays)


def test_a_backfill_wakes_nobody(arrivals: Arrivals) -> None:
    assert arrivals.states[BACKFILL] == "success"
    assert BACKFILL not in {event["source_dag_id"] for event in arrivals.events}


if AIRFLOW == 3:

    def test_a_partition_wakes_the_dag_that_waits_for_it_with_its_day(arrivals: Arrivals) -> None:
        ((event, log),) = find_woken(arrivals, REPORT_PARTITION)
        assert (event["source_dag_id"], event["source_run_id"]) == (PARTITIONED, RUN_ID)
        assert event["partition_key"] == PARTITION
        window = {"start": "2025-02-03", "end": "2025-02-04"}
        assert event["extra"]["window"] == window
        assert f"arrived: {PARTITION} {window}" in log
