"""Each query of the pages runs on each database, and answers what its heading asks."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from tests.docs.made_usage import ANALYTICS, load, make_usage
from tests.docs.markdown import find_block_after, find_sections

PAGE = "docs/recipes.md"
QUESTIONS = {
    heading: texts
    for heading, blocks in find_sections("### ", PAGE).items()
    if (texts := [block.text for block in blocks if block.language == "sql"])
}
NOW = {
    "postgresql": "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')::date",
    "snowflake": "CAST(SYSDATE() AS DATE)",
    "sqlite": "'now'",
}
MOMENT = {
    "postgresql": "CAST('2026-11-04 03:30:00+00' AS TIMESTAMP WITH TIME ZONE) AS moment",
    "snowflake": "CAST('2026-11-04 03:30:00+00' AS TIMESTAMP WITH TIME ZONE) AS moment",
    "sqlite": "'2026-11-04 03:30:00+00' AS moment",
}

COMPARED = "Yesterday, this month and last month"
TEAMS = "Minutes and cost by team"
MISSING = "Days missing for an environment in the last 31 days"
REPORTED = "Usage as it was reported before the last restatement"
ANSWERS = {
    COMPARED: [],  # yesterday is not loaded, and of October no day that November has, too
    "Months by environment and service": [
        ("2026-10-01", "acme", "abc123", "airflow", 590, 6),
        ("2026-10-01", "acme", "my-env", "airflow", 60, 6),
        ("2026-11-01", "acme", "abc123", "airflow", 640, 4),
        ("2026-11-01", "acme", "abc123", "unknown", 5, 1),
        ("2026-11-01", "acme", "my-env", "airflow", 0, 1),
        ("2026-11-01", "second", "xyz789", "airflow", 1, 1),
    ],
    TEAMS: [],  # nothing is allocated; test_which_dag.py has more
    "Minutes by weekday": [
        (0, "abc123", 100, 100),
        (1, "abc123", 90 + 125, 107.5),
        (1, "my-env", 10, 10),
        (1, "xyz789", 1, 1),
        (2, "abc123", 100 + 400, 250),
        (2, "my-env", 10 + 0, 5),
        (3, "abc123", 100, 100),
        (3, "my-env", 10, 10),
        (4, "abc123", 100 + 20, 60),
        (4, "my-env", 10, 10),
        (5, "abc123", 100, 100),
        (5, "my-env", 10, 10),
        (6, "abc123", 100, 100),
        (6, "my-env", 10, 10),
    ],
    "Unusual jumps": [],  # two weeks are too few; tests/warehouse/test_jumps.py has more
    MISSING: [
        *((f"2026-10-{day:02}",) for day in range(7, 26)),
        ("2026-11-04",),
        ("2026-11-06",),
    ],
    "Days without any usage": [
        ("2026-11-01", "my-env"),
        ("2026-11-02", "my-env"),
        ("2026-11-03", "my-env"),
    ],
    "Share of each month that is loaded": [
        ("2026-10-01", "acme", 6, 31),
        ("2026-11-01", "acme", 3, 30),
        ("2026-11-01", "second", 1, 30),
    ],
    "Last load of each account": [
        ("Datacoves", "acme", "2026-11-05", "2026-11-07 03:00"),
        ("Datacoves", "second", "2026-11-02", "2026-11-05 04:00"),
    ],
    "Which connection loads which account": [
        ("Datacoves", "acme", "datacoves_billing_default"),
        ("Datacoves", "second", "datacoves_second"),
    ],
    "What changed since a given day": [
        ("2026-11-06 03:00", "2026-11-02", "abc123", "airflow", 100, 120, 20),
        ("2026-11-06 03:00", "2026-11-02", "abc123", "unknown", None, 5, 5),
        ("2026-11-06 03:00", "2026-11-02", "my-env", "airflow", 10, None, -10),
    ],
    REPORTED: [
        ("2026-10-26", "abc123", "airflow", 90),
        ("2026-10-26", "my-env", "airflow", 10),
        *(
            (f"2026-10-{day}", environment, "airflow", minutes)
            for day in range(27, 32)
            for environment, minutes in (("abc123", 100), ("my-env", 10))
        ),
        ("2026-11-01", "abc123", "airflow", 100),
        ("2026-11-02", "abc123", "airflow", 100),
        ("2026-11-02", "my-env", "airflow", 10),
        ("2026-11-02", "xyz789", "airflow", 1),
        ("2026-11-03", "abc123", "airflow", 400),
        ("2026-11-03", "my-env", "airflow", 0),
    ],
}


def test_every_question_has_an_answer_here():
    assert list(QUESTIONS) == list(ANSWERS)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_query_answers_its_question(question, warehouse):
    make_usage(warehouse.uri)
    assert ask(warehouse, find_query(question, warehouse.dialect)) == ANSWERS[question]


def test_numbers_read_well(warehouse):
    make_usage(warehouse.uri)
    for question in QUESTIONS:
        shown = [str(value) for row in warehouse.query(find_query(question, warehouse.dialect)) for value in row]
        assert [text for text in shown if re.fullmatch(r"-?\d+\.\d{3,}", text)] == []


def test_months_are_compared_by_the_days_that_both_have_loaded(warehouse):
    make_usage(warehouse.uri)
    october = {
        ("2026-10-02", "abc123", "airflow"): 90,
        ("2026-10-03", "abc123", "airflow"): 85,
        ("2026-10-03", "my-env", "airflow"): 30,
        ("2026-10-04", "abc123", "airflow"): 1000,
    }
    load(make_engine(warehouse), ANALYTICS, "2026-10-10 03:00", ("2026-10-02", "2026-10-05"), october)
    rows = warehouse.query(as_of("2026-11-04", find_query(COMPARED, warehouse.dialect), warehouse.dialect))
    assert [tuple("" if value is None else str(value) for value in row) for row in rows] == read_shown("compared")


def test_a_short_month_is_compared_with_as_many_days_of_a_long_one(warehouse):
    make_usage(warehouse.uri)
    march = {("2026-02-28", "abc123", "airflow"): 7, ("2026-03-28", "abc123", "airflow"): 8}
    march |= {(f"2026-03-{day}", "abc123", "airflow"): 1000 for day in (29, 30)}
    load(make_engine(warehouse), ANALYTICS, "2026-04-01 03:00", ("2026-02-01", "2026-03-31"), march)
    text = as_of("2026-04-01", find_query(COMPARED, warehouse.dialect), warehouse.dialect)
    assert [tuple(map(_plain, row)) for row in warehouse.query(text)] == [("abc123", "airflow", None, 8, 7, 28)]


def test_a_day_that_is_loaded_for_one_environment_is_missing_for_the_others(warehouse):
    make_usage(warehouse.uri)
    missing = ask(warehouse, find_query(MISSING, warehouse.dialect).replace("'abc123'", "'my-env'"))
    assert missing == sorted([*ANSWERS[MISSING], ("2026-11-05",)])


def test_the_query_for_missing_days_means_the_31_days_before_today(warehouse):
    make_usage(warehouse.uri)
    days = warehouse.query(find_query(MISSING, warehouse.dialect).replace("'acme'", "'not loaded'"))
    assert len(days) == 31
    assert 0 <= (datetime.now(timezone.utc).date() - date.fromisoformat(str(days[-1][0]))).days <= 2


def test_the_report_of_an_earlier_moment_has_the_numbers_of_that_moment(warehouse):
    make_usage(warehouse.uri)
    text = find_query(REPORTED, warehouse.dialect)
    latest = re.search(r"(?<=SELECT )max.*", text)[0]
    days = ["2026-10-26", *(f"2026-10-{day}" for day in range(27, 32)), "2026-11-01", "2026-11-02"]
    reported = ask(warehouse, text.replace(latest, MOMENT[warehouse.dialect]))
    assert [row for row in reported if row[1] == "abc123"] == [(day, "abc123", "airflow", 100) for day in days]
    assert {row[0] for row in reported} == set(days)


@pytest.mark.parametrize("trimmed", ["1 = 1", "charge_period_start < '2026-11-02'"])
def test_what_was_reported_is_the_same_where_the_load_log_was_trimmed(warehouse, trimmed):
    make_usage(warehouse.uri)
    warehouse.query(f"DELETE FROM usage_load_log WHERE {trimmed}")
    assert ask(warehouse, find_query(REPORTED, warehouse.dialect)) == ANSWERS[REPORTED]


def test_the_readmes_query_shows_hours(warehouse):
    make_usage(warehouse.uri)
    hours = ask(warehouse, find_block_after("query"))
    assert [(*row[:2], round(row[2], 2)) for row in hours] == [
        ("2026-10-01", "abc123", 9.83),
        ("2026-10-01", "my-env", 1.0),
        ("2026-11-01", "abc123", 10.75),
        ("2026-11-01", "my-env", 0.0),
        ("2026-11-01", "xyz789", 0.02),
    ]


def find_query(question: str, dialect: str) -> str:
    """Return the text for ``dialect``: the one whose first line has its name, or the only one."""
    texts = QUESTIONS[question]
    if len(texts) == 1:
        return texts[0]
    (text,) = (text for text in texts if dialect in text.splitlines()[0].lower())
    return text


def ask(warehouse: Any, text: str) -> list[tuple[Any, ...]]:
    """Run ``text`` as if today were 7 November 2026."""
    text = as_of("2026-11-07", text, warehouse.dialect)
    return [tuple(map(_plain, row)) for row in warehouse.query(text)]


def as_of(day: str, text: str, dialect: str) -> str:
    """Return ``text`` as if today were ``day``."""
    return text.replace(NOW[dialect], f"'{day}'" if dialect == "sqlite" else f"DATE '{day}'")


def read_shown(marker: str) -> list[tuple[str, ...]]:
    """Return the cells of the result that the page shows below ``marker``."""
    rows = find_block_after(marker, PAGE).splitlines()[2:]
    return [tuple(cell.strip() for cell in row.split("|")) for row in rows]


def make_engine(warehouse: Any) -> Engine:
    return create_engine(warehouse.uri, poolclass=NullPool)


def _plain(value: Any) -> Any:
    """Return a value in the form that all databases have in common; moments in UTC, to the minute."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, str) and re.fullmatch(r"[-\d]{10} [:.\d]+", value):
        return value[:16]
    if isinstance(value, date):
        return str(value)
    return float(value) if isinstance(value, Decimal) else value
