"""Runs of DAG files, as ``airflow dags test`` makes them."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.dags.runner import END
from tests.docs.markdown import find_block_after

ROOT = Path(__file__).parents[2]
TASK = "SELECT state, try_number, max_tries FROM task_instance ORDER BY end_date DESC LIMIT 1"
XCOM = "SELECT value FROM xcom WHERE key = 'return_value' ORDER BY timestamp DESC LIMIT 1"


@dataclass(frozen=True)
class DagRun:
    """
    The end of a run whose DAG has one task.

    ``said`` is the log; ``task`` the task's state, the number of its last try, and how many it may have beyond the
    first; ``xcom`` is None if the run failed.
    """

    said: str
    task: tuple[str, int, int]
    xcom: Any


@pytest.fixture(scope="session")
def dags_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    The DAG files that users copy, two made of the daily one, one of that of budgets, and the report by mail.

    ``renamed`` is for a connection that got a new name; ``tried_once`` has no retries, which a run would wait for, nor
    has ``budgets_by_mail``, with the notifier that the docs show.
    """
    folder = tmp_path_factory.mktemp("dags")
    for path in (ROOT / "dags").glob("*.py"):
        shutil.copy(path, folder)
    report = folder / "usage_report_monthly.py"
    report.write_text(report.read_text().replace("/mnt/reports/usage", str(folder / "reports")))
    text = (folder / "datacoves_usage_daily.py").read_text()
    renamed = text.replace("datacoves_usage_daily", "renamed").replace("datacoves_billing_default", "datacoves_new")
    (folder / "renamed.py").write_text(renamed)
    tried_once = text.replace("datacoves_usage_daily", "tried_once").replace('"retries": 2', '"retries": 0')
    (folder / "tried_once.py").write_text(tried_once)
    shutil.copytree(ROOT / "dags" / "reference", folder / "reference")
    budgets = (folder / "usage_budgets_daily.py").read_text()
    by_mail = budgets.replace("usage_budgets_daily", "budgets_by_mail").replace('"retries": 2', '"retries": 0')
    line = next(line for line in budgets.splitlines() if line.startswith("NOTIFIERS = "))
    (folder / "budgets_by_mail.py").write_text(by_mail.replace(line, find_block_after("notifiers", "docs/cost.md")))
    recipe = find_block_after("report by mail", "docs/recipes.md").replace('"retries": 2', '"retries": 0')
    (folder / "usage_report_by_mail.py").write_text(recipe.replace("/mnt/reports/usage", str(folder / "mailed")))
    return folder


@pytest.fixture(scope="session")
def _runner(airflow_db: Path, dags_folder: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.dags.runner"],
        cwd=ROOT,
        env=os.environ | {"AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def run_dag(_runner: subprocess.Popen[str], airflow_db: Path) -> Callable[..., DagRun]:
    """Run ``airflow dags test`` with these arguments and the connections of this moment."""

    def run(*arguments: str) -> DagRun:
        connections = {name: value for name, value in os.environ.items() if name.startswith("AIRFLOW_CONN_")}
        print(json.dumps([arguments, connections]), file=_runner.stdin, flush=True)
        said, last = _read(_runner)
        with closing(sqlite3.connect(airflow_db)) as database:
            (task,) = database.execute(TASK)
            xcom = None if last else _read_xcom(database)
        return DagRun(said, task, xcom)

    return run


def _read(runner: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what a run said, and what its last line says after ``END``."""
    said = ""
    for line in runner.stdout:
        if line.startswith(END):
            return said, line.removeprefix(END).strip()
        said += line
    raise AssertionError(f"The runner ended:\n{said}")


def _read_xcom(database: sqlite3.Connection) -> Any:
    ((value,),) = database.execute(XCOM)
    while isinstance(value, (str, bytes)):
        value = json.loads(value)
    return value
