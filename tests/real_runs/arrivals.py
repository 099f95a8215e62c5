"""The DAGs of docs/recipes.md that wait for usage, beside those that bring it, as a user would have them."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.docs.markdown import find_blocks
from tests.real_runs.cases import AIRFLOW
from tests.real_runs.rest_api import RestApi

RUN_ID = "arrival"
PARTITION = "2025-02-03T03:00:00"

# The DAGs that a user triggers, and those that wait.
DAILY, BACKFILL, PARTITIONED = "datacoves_usage_daily", "usage_backfill", "partitioned_usage"
REPORT, REPORT_PARTITION = "report_usage", "report_partition"
BUDGETS = "usage_budgets_daily"

_DAGS = Path(__file__).parents[2] / "dags"
_TRIGGERED: dict[str, dict[str, Any]] = {
    DAILY: {},
    BACKFILL: {"conf": {"start": "2025-01-15", "end": "2025-01-17"}},
}
_WAITING = [REPORT]
if AIRFLOW == 3:
    _TRIGGERED[PARTITIONED] = {"partition_key": PARTITION}
    _WAITING.append(REPORT_PARTITION)
DAG_IDS = frozenset((*_TRIGGERED, *_WAITING, BUDGETS))
_LOGGING_TASKS = dict.fromkeys(_WAITING, "report") | {BUDGETS: "check"}


@dataclass(frozen=True)
class Arrivals:
    """
    What came of it.

    ``states`` are those of the runs that were triggered, by DAG id; ``events`` all of Airflow's, of assets or datasets;
    ``logs`` what the runs of the waiting DAGs logged, by DAG id and run id.
    """

    states: dict[str, str]
    events: list[dict[str, Any]]
    logs: dict[tuple[str, str], str]


def write_dags(folder: Path) -> None:
    """Write the recipes of this Airflow, as they stand on the page, and this project's DAGs into ``folder``."""
    for dag_id in (DAILY, BACKFILL, BUDGETS):
        shutil.copy(_DAGS / f"{dag_id}.py", folder)
    shutil.copytree(_DAGS / "reference", folder / "reference")
    recipes = [block.text for block in find_blocks("python") if block.text.startswith(f"# Airflow {AIRFLOW}\n")]
    for dag_id in _WAITING:
        (recipe,) = (text for text in recipes if f'dag_id="{dag_id}"' in text)
        folder.joinpath(f"{dag_id}.py").write_text(recipe)


def trigger(api: RestApi) -> None:
    for dag_id, fields in _TRIGGERED.items():
        api.trigger(dag_id, RUN_ID, **fields)


def find_unfinished(runs: Collection[dict[str, Any]]) -> list[str]:
    """Return the DAGs that have not run to an end yet."""
    ended = {run["dag_id"] for run in runs if _is_of_interest(run) and run["state"] in ("success", "failed")}
    return sorted(DAG_IDS - ended)


def _is_of_interest(run: dict[str, Any]) -> bool:
    """Tell whether this run is one that was triggered, or one that was waiting for it; schedules make others."""
    if run["dag_id"] == REPORT_PARTITION:
        return bool(run["partition_key"] == PARTITION)
    return run["dag_id"] in (REPORT, BUDGETS) or (run["dag_id"] in _TRIGGERED and run["dag_run_id"] == RUN_ID)


def read_arrivals(api: RestApi, home: Path) -> Arrivals:
    runs = [run for run in api.get_runs() if _is_of_interest(run)]
    return Arrivals(
        states={run["dag_id"]: run["state"] for run in runs if run["dag_run_id"] == RUN_ID},
        events=api.get_events(),
        logs={
            (run["dag_id"], run["dag_run_id"]): read_log(home, run, _LOGGING_TASKS[run["dag_id"]])
            for run in runs
            if run["dag_id"] in _LOGGING_TASKS and run["state"] == "success"
        },
    )


def read_log(home: Path, run: dict[str, Any], task_id: str) -> str:
    """Return the log of a task's first try."""
    folder = home / "logs" / f"dag_id={run['dag_id']}" / f"run_id={run['dag_run_id']}" / f"task_id={task_id}"
    return (folder / "attempt=1.log").read_text()
