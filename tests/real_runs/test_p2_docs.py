"""The page on which users look up the day says what the real runs show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from tests.docs.markdown import code_in, find_block_after, read, read_table
from tests.real_runs.cases import CASES, Case

PAGE = "docs/collect.md"
DAG_FILES = Path(__file__).with_name("dags").rglob("*.py")

# The page sees its examples from here.
NOW = datetime(2025, 3, 20, 10, 30, tzinfo=timezone.utc)


def test_p2_page_shows_each_case() -> None:
    assert f"{NOW:%-d %B %Y, %H:%M} UTC" in read(PAGE)
    shown = [*_read_matrix(), *_read_others()]
    assert sorted(shown) == sorted((case.schedule, case.run, _days(case)) for case in CASES)


def test_p2_dags_have_the_schedules_and_periods_of_the_page() -> None:
    source = "".join(path.read_text() for path in DAG_FILES)
    months = re.findall(r"= (.+)  # with period=", find_block_after("schedules", PAGE))
    for case in CASES:
        argument = 'period="month"' if case.schedule in months else ""
        assert f'DAG("{case.dag_id}", schedule={case.schedule}, **SINCE):\n    collect({argument})' in source


def _read_schedules() -> dict[str, str]:
    """Return the schedules of the page by their names there."""
    return dict(re.findall(r"^(\w+) = (.+?)(?:  #.*)?$", find_block_after("schedules", PAGE), re.MULTILINE))


def _read_matrix() -> Iterator[tuple[str, str, str]]:
    """Yield schedule, run and days of the table with a column for each of three schedules."""
    schedules = _read_schedules()
    header = next(line for line in read(PAGE).splitlines() if line.startswith("| run |"))
    for run, *cells in read_table("run", page=PAGE):
        for name, days in zip(code_in(header), cells, strict=True):
            yield schedules[name], run, days


def _read_others() -> Iterator[tuple[str, str, str]]:
    """Yield the same of the table with a row for each schedule and its kinds of run."""
    schedules = _read_schedules()
    for name, runs, days in read_table("schedule", page=PAGE):
        for run in runs.split("; "):
            yield schedules[name.strip("`")], run, days


def _days(case: Case) -> str:
    both = [", ".join(major.at(NOW)) if major else "–" for major in (case.airflow_2, case.airflow_3)]
    return " / ".join(dict.fromkeys(both))
