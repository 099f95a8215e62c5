"""How long Airflow needs to parse the daily DAG of this package, beside one without tasks, and to import its plugin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.processes import ROOT, make_environment

_DAILY = ROOT / "dags" / "datacoves_usage_daily.py"
_EMPTY = """
from datetime import datetime, timedelta, timezone
from airflow import DAG
from airflow.timetables.trigger import CronTriggerTimetable
with DAG("empty", schedule=CronTriggerTimetable("0 3 * * *", timezone="UTC"),
         start_date=datetime(2026, 1, 1, tzinfo=timezone.utc)):
    pass
"""
_PLUGIN = "import datacoves_usage_provider.plugin\n"
# What Airflow's processes have imported before they come to ours.
_PARSE = """
import runpy, sys, time
from airflow import DAG
from airflow.models import BaseOperator, Connection
from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.trigger import CronTriggerTimetable
runpy.run_path(sys.argv[1])
started = time.perf_counter()
runpy.run_path(sys.argv[2])
print(time.perf_counter() - started)
"""


def measure_parsing(home: Path, runs: int) -> dict[str, float]:
    """Return the median milliseconds of each file, each run in a new process, after an empty DAG has been."""
    empty, plugin = home / "empty.py", home / "plugin.py"
    empty.write_text(_EMPTY)
    plugin.write_text(_PLUGIN)
    files = {"a DAG without tasks": empty, "datacoves_usage_daily": _DAILY, "importing the plugin": plugin}
    times: dict[str, list[float]] = {title: [] for title in files}
    for _ in range(runs):
        for title, path in files.items():
            times[title].append(_parse(empty, path, home))
    return {title: median(values) * 1000 for title, values in times.items()}


def _parse(first: Path, path: Path, home: Path) -> float:
    command = [sys.executable, "-c", _PARSE, str(first), str(path)]
    result = subprocess.run(
        command, cwd=ROOT, env=make_environment(home / "parsing"), capture_output=True, text=True, check=True
    )
    return float(result.stdout.splitlines()[-1])
