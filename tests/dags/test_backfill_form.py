"""What the form of ``usage_backfill`` does not take, and what it asks to confirm."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import pytest

DAGS = Path(__file__).parents[2] / "dags"
ROWS = "SELECT count(*) FROM usage_daily"


@pytest.fixture
def backfill(run_dag, datacoves_conn, sqlite_warehouse):
    """Run the DAG as if this was typed into its form."""
    return lambda **typed: run_dag("usage_backfill", "--conf", json.dumps(typed))


@pytest.fixture(scope="module")
def params(airflow_db):
    from airflow.models import DagBag

    return DagBag(dag_folder=str(DAGS)).dags["usage_backfill"].params


@pytest.mark.parametrize("typed", ["15.1.2025", "2025-1-15", "2025-13-15", "15", "01/15/2025", "January", ""])
def test_a_day_that_is_not_of_the_form_is_rejected_before_anything_runs(params, typed):
    given = deepcopy(params)
    with pytest.raises(Exception, match=f"'{typed}' is not a 'date'"):
        given.update({"start": typed, "end": "2025-02-01"})


def test_the_form_of_airflow_2_has_no_calendar_that_guesses(params):
    """Its calendar, which any top-level format brings, makes 2015-01-20 of 15.1.2025; Airflow 3's is the browser's."""
    from airflow import __version__

    calendars = [params.get_param(name).schema.get("format") for name in ("start", "end")]
    assert calendars == ([None, None] if __version__ < "3" else ["date", "date"])


@pytest.mark.parametrize("filters", ["airflow", '{"service": "airflow"', "[]"])
def test_filters_that_are_wrong_are_answered_in_the_operators_words(backfill, simulator, filters):
    run = backfill(start="2025-01-15", end="2025-02-01", filters=filters)
    assert run.task == ("failed", 1, 2)  # at once
    assert "The task's arguments are wrong: filters:" in run.said
    assert "does not match" not in run.said
    assert simulator.requests == []


def test_more_than_400_days_must_be_confirmed(backfill, simulator, sqlite_warehouse):
    run = backfill(start="2015-01-20", end="2025-02-01")
    assert run.task == ("failed", 1, 2)
    assert "2015-01-20 to 2025-02-01 (not included) are 3665 days." in run.said
    assert "trigger the DAG again with 'More than 400 days' switched on (many_days)" in run.said
    assert simulator.requests == []


@pytest.mark.parametrize(
    "typed",
    [
        {"start": "2024-01-01", "end": "2025-02-04"},
        {"start": "2023-12-31", "end": "2025-02-04", "many_days": True},
    ],
    ids=["400 days", "401 days, confirmed"],
)
def test_400_days_and_confirmed_ones_are_loaded(backfill, sqlite_warehouse, typed):
    assert backfill(**typed).task[0] == "success"
    assert sqlite_warehouse.query(ROWS) > [(1000,)]
