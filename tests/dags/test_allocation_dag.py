"""``usage_allocation_daily`` in a real run, on copies of an Airflow's tables in a schema of the warehouse."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.allocation.airflow_tables import AirflowTables
from datacoves_usage_provider.allocation.source import AirflowSource
from datacoves_usage_provider.allocation.tries import TaskRuns
from datacoves_usage_provider.compat import is_airflow_3
from datacoves_usage_provider.warehouse.session import ReadingSession
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import UsageWindow
from tests.docs.made_usage import make_chunk
from tests.support.metadata import Metadata

SCHEMA = "airflow_abc123"


@pytest.fixture
def copies(postgres_warehouse, today) -> Metadata:
    """A task of 60 seconds yesterday and the day before, which were billed 2 minutes each."""
    postgres_warehouse.query(f"CREATE SCHEMA {SCHEMA}")
    in_schema = replace(postgres_warehouse, uri=f"{postgres_warehouse.uri}?options=-csearch_path%3D{SCHEMA}")
    metadata = Metadata(in_schema, "default copy")
    days = [str(today - timedelta(days=number)) for number in (1, 2)]
    metadata.add_tries(
        *(
            {"run_id": day, "queued_dttm": f"{day} 01:00", "start_date": f"{day} 01:01", "end_date": f"{day} 01:02"}
            for day in days
        )
    )
    metadata.tag({"load": ["team:data"]})
    chunk = make_chunk("analytics", (days[1], str(today)), {(day, "abc123", "airflow"): 2 for day in days})
    database = Warehouse.connect(postgres_warehouse.conn_id, None)
    database.prepare()
    database.load(chunk, Provenance("datacoves_billing_default", "a_dag", "a_run"))
    return metadata


def test_the_dag_allocates_each_environment_and_names_its_task(run_dag, airflow_db, postgres_warehouse, copies, today):
    run = run_dag("usage_allocation_daily", str(today))
    yesterday = today - timedelta(days=1)
    assert run.xcom["window"] == {"start": str(yesterday), "end": str(today)}
    assert run.xcom["dags"] == [{"dag_id": "load", "consumed_quantity": "2", "x_pods": 1}]
    assert (run.xcom["days"], run.xcom["status"]) == (2, {"within": 2})
    rows = postgres_warehouse.query(
        "SELECT charge_period_start, x_team, x_startup_quantity, x_dag_id FROM usage_allocation"
    )
    assert sorted(rows) == [
        (day, "data", 1, "usage_allocation_daily") for day in (yesterday - timedelta(days=1), yesterday)
    ]
    assert f"environment 'abc123' of Datacoves account 'analytics', {yesterday}: 2 Minutes billed (load 2)" in run.said
    with closing(sqlite3.connect(airflow_db)) as connection:
        names = connection.execute(
            "SELECT rendered_map_index FROM task_instance WHERE dag_id = 'usage_allocation_daily'"
        )
        assert names.fetchall() == [("abc123",)]


def test_p17_the_tables_that_this_airflow_itself_has_are_all_read(airflow_db):
    connection = create_engine(f"sqlite:///{airflow_db}", poolclass=NullPool).connect()
    tables = AirflowTables(connection, None, "This Airflow")
    found = {
        name for name in ("history", "reschedule", "dag", "dag_tag", "task_fail") if getattr(tables, name) is not None
    }
    assert found == {"history", "reschedule", "dag", "dag_tag", *(() if is_airflow_3() else ("task_fail",))}
    assert ("ti_id" in tables.reschedule.c) == is_airflow_3()
    assert "updated_at" in tables.task_instance.c
    day = UsageWindow(date(2026, 11, 4), date(2026, 11, 5))
    assert AirflowSource(ReadingSession(connection.engine, "This Airflow"), None).read(day).runs == TaskRuns([], [], [])
