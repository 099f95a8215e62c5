"""P13: a DAG file that uses the operator is cheap to parse."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

DAGS = Path(__file__).parents[2] / "dags"

NEW_MODULES = """
import sys
from airflow import DAG
from airflow.models import BaseOperator, Connection
from airflow.timetables.trigger import CronTriggerTimetable
before = set(sys.modules)
import datacoves_usage_provider.operators.usage
print(*sorted(set(sys.modules) - before))
"""

# Everything that opens a socket, a file for writing or a database raises what it was asked to do.
OPENED = """
import json, runpy, sys
import airflow, airflow.models, airflow.timetables.trigger
from airflow import DAG
from airflow.models import BaseOperator
opened = []
def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wa+x")
    if event.startswith(("socket.", "sqlite3.", "subprocess.")) or writes:
        opened.append([event, str(arguments[0])])
sys.addaudithook(watch)
runpy.run_path(sys.argv[1])
print("OPENED", json.dumps(opened))
"""


def run(code: str, *arguments: str) -> str:
    result = subprocess.run([sys.executable, "-B", "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_p13_importing_the_operator_loads_only_our_own_small_modules():
    new = set(run(NEW_MODULES).split())
    assert {name for name in new if not name.startswith("datacoves_usage_provider")} == set()
    assert new <= {
        "datacoves_usage_provider",
        "datacoves_usage_provider.compat",
        "datacoves_usage_provider.exceptions",
        "datacoves_usage_provider.operators",
        "datacoves_usage_provider.operators.usage",
        "datacoves_usage_provider.operators.usage_operator",
    }


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.stem)
def test_p13_parsing_a_dag_file_opens_nothing(path):
    opened = run(OPENED, str(path)).partition("OPENED ")[2]
    assert json.loads(opened) == []
