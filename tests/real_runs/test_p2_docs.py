"""The page on which users look up the day says what the real runs show."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from tests.real_runs.cases import CASES, Case
from tests.real_runs.expected_days import Expected

PAGE = Path(__file__).parents[2] / "docs" / "which-day.md"
DAG_FILES = Path(__file__).with_name("dags").rglob("*.py")

# The page sees its examples from here.
NOW = datetime(2025, 3, 20, 10, 30, tzinfo=timezone.utc)


def test_p2_page_shows_each_case() -> None:
    assert f"{NOW:%-d %B %Y, %H:%M} UTC" in PAGE.read_text()
    assert _table_of_page() == [_row(case) for case in CASES]


def test_p2_dags_have_the_schedules_of_the_page() -> None:
    source = "".join(path.read_text() for path in DAG_FILES)
    for case in CASES:
        assert f'DAG("{case.dag_id}", schedule={case.schedule}, ' in source


def _table_of_page() -> list[tuple[str, ...]]:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows[2:]]


def _row(case: Case) -> tuple[str, ...]:
    return f"`{case.schedule}`", case.run, _cell(case.airflow_2), _cell(case.airflow_3)


def _cell(expected: Expected | None) -> str:
    return ", ".join(expected.at(NOW)) if expected else "no such run"
