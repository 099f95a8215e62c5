"""Find the runs of each case, and read what they collected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.real_runs import cases
from tests.real_runs.arrivals import Arrivals, read_log
from tests.real_runs.cases import CASES_HERE, Case
from tests.real_runs.expected_days import as_text
from tests.real_runs.rest_api import RestApi

TASK_ID = "collect"

_TYPES = {
    cases.SCHEDULED: ("scheduled",),
    cases.BACKFILL: ("backfill",),
    cases.EVENT_OF_RUN: ("dataset_triggered", "asset_triggered"),
    cases.EVENT_OF_API: ("dataset_triggered", "asset_triggered"),
    cases.PARTITION_EVENT: ("asset_triggered",),
}


@dataclass(frozen=True)
class RealRuns:
    """
    What the runs of all cases collected.

    ``collected`` has, by each case's name, the windows of its runs as text, oldest first; a failed run is ``fails: ``
    and the task's log. All runs were made between ``started`` and ``ended``.
    """

    collected: dict[str, tuple[str, ...]]
    arrivals: Arrivals
    started: datetime
    ended: datetime


def find_runs(case: Case, runs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of the REST API's ``runs`` that are of this case."""
    own = [run for run in runs if run["dag_id"] == case.dag_id]
    if case.run in _TYPES:
        return [run for run in own if run["run_type"] in _TYPES[case.run]]
    return [run for run in own if run["dag_run_id"] == case.run_id]


def are_finished(case: Case, count: int, runs: Iterable[dict[str, Any]]) -> bool:
    """Tell whether at least ``count`` runs of this case exist and none is left to finish."""
    states = [run["state"] for run in find_runs(case, runs)]
    return len(states) >= count and set(states) <= {"success", "failed"}


def read_collected(api: RestApi, home: Path) -> dict[str, tuple[str, ...]]:
    """Return ``RealRuns.collected``."""
    runs = api.get_runs()
    return {case.name: tuple(sorted(_read(api, home, run) for run in find_runs(case, runs))) for case in CASES_HERE}


def _read(api: RestApi, home: Path, run: dict[str, Any]) -> str:
    dag_id, run_id = run["dag_id"], run["dag_run_id"]
    if run["state"] == "success":
        return as_text(api.get_return_value(dag_id, run_id, TASK_ID)["window"])
    return f"fails: {read_log(home, run, TASK_ID)}"
