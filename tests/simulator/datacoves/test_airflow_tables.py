"""The simulated Airflow's tables: every case of a real one, in each shape."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta, timezone
from typing import get_args

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.simulator import Airflow
from datacoves_usage_provider.simulator.airflow_days import make_day
from datacoves_usage_provider.simulator.airflow_tables import Shape, make_tables

START, END = date(2026, 3, 2), date(2026, 3, 5)
DAYS = [date(2026, 3, day) for day in range(1, 5)]
LATER = datetime(2026, 3, 6, tzinfo=timezone.utc)
SHAPES = get_args(Shape)
TABLES = {
    "airflow-2": {"dag", "dag_tag", "task_fail", "task_instance", "task_instance_history", "task_reschedule"},
    "airflow-3": {"dag", "dag_tag", "task_instance", "task_instance_history", "task_reschedule"},
    "copies": {"dag_tag", "task_fail", "task_instance"},
}
TRIES = """
SELECT * FROM (
    SELECT dag_id, run_id, task_id, map_index, try_number, queued_dttm, start_date FROM task_instance
    WHERE queued_dttm IS NOT NULL
    UNION SELECT dag_id, run_id, task_id, map_index, try_number, queued_dttm, start_date FROM task_instance_history
)
"""


def write(shape: Shape, now: datetime = LATER) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    Airflow(environment="abc123", now=lambda: now).write_tables(connection, START, END, shape)
    return connection


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> Shape:
    return request.param


@pytest.fixture
def database(shape: Shape) -> Iterator[sqlite3.Connection]:
    with closing(write(shape)) as connection:
        yield connection


@pytest.fixture
def of_2() -> Iterator[sqlite3.Connection]:
    with closing(write("airflow-2")) as connection:
        yield connection


def count(connection: sqlite3.Connection, table: str, condition: str = "1 = 1") -> int:
    return connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()[0]


def test_each_shape_has_its_tables(shape, database):
    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    assert {name for (name,) in names} == TABLES[shape]


def test_the_shapes_are_told_apart_by_their_columns():
    columns = {}
    for shape in SHAPES:
        with closing(write(shape)) as connection:
            columns[shape] = {row["name"] for row in connection.execute("PRAGMA table_info(task_instance)")}
            if shape != "copies":
                pokes = {row["name"] for row in connection.execute("PRAGMA table_info(task_reschedule)")}
                assert ("ti_id" in pokes, "dag_id" in pokes) == (shape == "airflow-3", shape == "airflow-2")
    assert columns["airflow-3"] - columns["airflow-2"] == {"id"}
    assert columns["copies"] - columns["airflow-2"] == {"_dlt_load_id", "_dlt_id"}


def test_every_pod_is_in_the_tables_of_both_majors():
    pods = [pod for day in DAYS for one in make_day("abc123", day) for pod in one.pods]
    for shape in ("airflow-2", "airflow-3"):
        with closing(write(shape)) as connection:
            tries, deferred = (
                len(connection.execute(f"{TRIES} {condition}").fetchall())
                for condition in ("", "WHERE queued_dttm > start_date")
            )
            assert tries + deferred + count(connection, "task_reschedule") == len(pods)


def test_every_case_is_there(of_2):
    for condition in (
        "queued_dttm > start_date",  # deferred
        "map_index > 0",
        "try_number = 2",
        "state = 'skipped' AND queued_dttm IS NULL AND start_date = end_date",  # by the scheduler
        "state = 'skipped' AND queued_dttm < start_date",  # by itself
        "state = 'success' AND queued_dttm IS NULL",  # an EmptyOperator
        "state IS NULL AND start_date IS NULL",  # never started
        "date(start_date) < date(end_date)",
    ):
        assert count(of_2, "task_instance", condition), condition
    assert count(of_2, "task_instance_history", "state = 'failed'")
    assert count(of_2, "task_instance_history", "state = 'success'")
    twice = "(SELECT start_date FROM task_fail GROUP BY dag_id, run_id, task_id, start_date HAVING count(*) = 2)"
    assert count(of_2, twice)  # killed


def test_a_cleared_task_that_did_not_run_again_has_its_last_try_in_both_tables(of_2):
    same = """(
        SELECT now.state FROM task_instance now JOIN task_instance_history USING
        (dag_id, run_id, task_id, map_index, try_number, start_date, end_date))"""
    assert count(of_2, same) == count(of_2, same, "state = 'upstream_failed'") > 0


def test_only_what_has_happened_is_in_the_tables():
    now = datetime(2026, 3, 4, 12, tzinfo=timezone.utc)
    with closing(write("airflow-2", now)) as connection:
        for table in ("task_instance", "task_instance_history", "task_reschedule", "task_fail"):
            assert count(connection, table) > 0
            assert not count(connection, table, f"start_date > '{now:%F %T}' OR end_date > '{now:%F %T}'")
        assert count(connection, "task_instance", "state = 'running' AND end_date IS NULL")


def test_a_try_that_waits_has_the_times_of_the_one_before():
    failed = [one for one in make_day("abc123", START) if len(one.tries) == 2]
    before, after = failed[0].tries
    now = after.pods[0].queued + timedelta(seconds=1)
    with closing(write("airflow-2", now)) as connection:
        key = failed[0].dag_id, failed[0].run_id, failed[0].task_id
        (row,) = connection.execute(
            "SELECT * FROM task_instance WHERE dag_id = ? AND run_id = ? AND task_id = ?", key
        ).fetchall()
    assert (row["state"], row["try_number"]) == ("queued", 2)
    assert row["start_date"] == f"{before.pods[0].started:%F %T.%f}"


def test_starts_of_pokes_are_lost_on_airflow_3():
    with closing(write("airflow-3")) as connection:
        assert count(connection, "task_reschedule") == count(connection, "task_reschedule", "start_date = end_date") > 0


def test_copies_are_appended_and_keep_rows_that_run_for_ever():
    versions = defaultdict(list)
    with closing(write("copies")) as connection:
        for row in connection.execute("SELECT * FROM task_instance ORDER BY updated_at"):
            versions[row["dag_id"], row["run_id"], row["task_id"], row["map_index"]].append(row)
    changed = [rows for rows in versions.values() if len(rows) > 1]
    assert any(rows[0]["state"] == "running" and rows[-1]["state"] == "success" for rows in changed)
    assert all(len({row["updated_at"] for row in rows}) == len(rows) for rows in changed)


def test_postgresql_has_the_same_rows(shape, postgres_uri):
    airflow = Airflow(environment="abc123", now=lambda: LATER)
    engine = create_engine(postgres_uri, poolclass=NullPool)
    with closing(engine.raw_connection()) as connection:
        airflow.write_tables(connection, START, END, shape)
    tables = list(make_tables(shape, [one for day in DAYS for one in make_day("abc123", day)], LATER))
    with engine.connect() as connection:
        connection.execute(text("SET TIME ZONE 'Asia/Kolkata'"))
        for table in tables:
            found = connection.execute(text(f"SELECT * FROM {table.name}"))
            assert Counter(map(tuple, found)) == Counter(map(tuple, table.rows))


def test_a_shape_that_does_not_exist_makes_no_tables(of_2):
    with pytest.raises(ValueError, match="one of airflow-2, airflow-3, copies, not '3'"):
        Airflow(environment="def456").write_tables(of_2, START, END, "3")


def test_tables_that_are_there_are_left_alone(of_2):
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        Airflow(environment="def456").write_tables(of_2, START, END)
