"""P17: both majors' tables are read, also copies of them that lack tables, or have several versions of a row."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from datacoves_usage_provider.allocation.labels import DagLabels
from datacoves_usage_provider.allocation.moments import Moment
from datacoves_usage_provider.allocation.pods import DagDay, measure_dags
from datacoves_usage_provider.allocation.source import AirflowSource
from datacoves_usage_provider.allocation.tries import SECOND, split_by_day
from datacoves_usage_provider.exceptions import UsageConfigError, UsageDataError
from datacoves_usage_provider.window import UsageWindow
from tests.support.metadata import TRY, Metadata, add_worked_day

TODAY = UsageWindow(date(2026, 11, 4), date(2026, 11, 5))


def measure(metadata) -> dict[str, DagDay]:
    """Return what each DAG had on 4 November, in seconds."""
    reading = AirflowSource.connect(metadata.warehouse.conn_id, None).read(TODAY)
    (day,) = split_by_day(reading.runs, TODAY)
    measured = measure_dags(day, TODAY.timestamps[0] * SECOND)
    return {dag_id: _in_seconds(dag) for dag_id, dag in measured.items()}


def _in_seconds(dag: DagDay) -> DagDay:
    return DagDay(dag.execution // SECOND, dag.pods, dag.lower_bound // SECOND, dag.upper_bound // SECOND)


WORKED_DAY = {
    "load": DagDay(280, 2, 280, 315),
    "report": DagDay(20, 2, 0, 170),
    "nightly": DagDay(100, 0, 100, 100),
}


@pytest.mark.parametrize("shape", ["2", "3"])
def test_p17_the_worked_example_is_read_of_both_majors_tables(shape, make_metadata):
    metadata = make_metadata(shape)
    add_worked_day(metadata)
    assert measure(metadata) == WORKED_DAY


def test_p17_the_default_copy_knows_a_failed_try_without_its_queueing(make_metadata):
    metadata = make_metadata("default copy")
    add_worked_day(metadata)
    assert measure(metadata) == {**WORKED_DAY, "load": DagDay(280, 2, 280, 100 + 60 + 195)}


def test_p17_a_kill_that_left_two_rows_in_task_fail_is_one_pod(make_metadata):
    metadata = make_metadata("default copy")
    row = {"dag_id": "a", "run_id": "r", "task_id": "t", "map_index": -1, "start_date": "01:00"}
    metadata.add("task_fail", {**row, "end_date": "01:01"}, {**row, "end_date": "01:02"})
    assert measure(metadata) == {"a": DagDay(120, 1, 120, 180)}


def test_p17_task_fail_is_not_read_where_there_is_a_history(make_metadata):
    metadata = make_metadata("2")
    row = {"dag_id": "a", "run_id": "r", "task_id": "t", "map_index": -1}
    metadata.add("task_fail", {**row, "start_date": "01:00", "end_date": "01:01"})
    assert measure(metadata) == {}


RUN_OR_ENDED = ("success", "failed", "skipped", "running", "restarting", "up_for_retry", "removed", "upstream_failed")


def test_p17_a_try_that_waits_is_not_read(make_metadata):
    metadata = make_metadata("3")
    ran = {"queued_dttm": "01:00", "start_date": "01:00:20", "end_date": "01:02"}
    states = (*RUN_OR_ENDED, "scheduled", "queued", "up_for_reschedule", "deferred", None)
    metadata.add_tries(*({**ran, "dag_id": str(state), "state": state} for state in states))
    assert {dag_id: dag.pods for dag_id, dag in measure(metadata).items()} == dict.fromkeys(RUN_OR_ENDED, 1)


@pytest.mark.parametrize("shape", ["2", "3"])
def test_p17_what_had_no_pod_on_the_day_is_not_read(shape, make_metadata):
    metadata = make_metadata(shape)
    at_once = {"start_date": "01:00", "end_date": "01:00"}
    metadata.add_tries(
        {**at_once, "dag_id": "skipped by the scheduler", "state": "skipped"},
        {**at_once, "dag_id": "upstream failed", "state": "upstream_failed"},
        {**at_once, "dag_id": "empty operator", "state": "success"},
        {"dag_id": "never started", "state": "running", "queued_dttm": "01:00"},
    )
    metadata.add_tries({**at_once, "end_date": "01:01", "dag_id": "cleared"}, table="task_instance_history")
    queued_and_run = [
        {
            "queued_dttm": f"2026-11-0{day} 01:00",
            "start_date": f"2026-11-0{day} 01:01",
            "end_date": f"2026-11-0{day} 02:00",
        }
        for day in (3, 5)
    ]
    for table in ("task_instance", "task_instance_history"):
        metadata.add_tries({**queued_and_run[0], "dag_id": "the day before"}, table=table)
        metadata.add_tries({**queued_and_run[1], "dag_id": "the day after"}, table=table)
    assert measure(metadata) == {}


@pytest.mark.parametrize("shape", ["2", "3"])
def test_p17_a_task_that_still_runs_is_read(shape, make_metadata):
    metadata = make_metadata(shape)
    metadata.add_tries({"state": "running", "queued_dttm": "23:59", "start_date": "23:59:10"})
    assert measure(metadata) == {"load": DagDay(50, 1, 50, 60)}


def test_p17_a_task_that_skipped_itself_had_a_pod(make_metadata):
    metadata = make_metadata("2")
    metadata.add_tries({"state": "skipped", "queued_dttm": "01:00", "start_date": "01:00:10", "end_date": "01:00:20"})
    assert measure(metadata) == {"load": DagDay(10, 1, 10, 20)}


def test_p17_mapped_tasks_are_tries_of_their_own(make_metadata):
    metadata = make_metadata("2")
    times = {"queued_dttm": "01:00", "start_date": "01:00:10", "end_date": "01:00:20"}
    metadata.add_tries(*({"map_index": index, **times} for index in range(3)))
    assert measure(metadata) == {"load": DagDay(30, 3, 30, 60)}


@pytest.mark.parametrize("shape", ["2", "3"])
def test_p17_cleared_and_then_skipped_is_the_old_try_once(shape, make_metadata):
    metadata = make_metadata(shape)
    old = {"queued_dttm": "01:00", "start_date": "01:00:10", "end_date": "01:00:20"}
    metadata.add_tries(old, table="task_instance_history")
    metadata.add_tries({**old, "state": "upstream_failed"})
    assert measure(metadata) == {"load": DagDay(10, 1, 10, 20)}


def test_p17_cleared_while_running_is_one_try_on_airflow_2(make_metadata):
    metadata = make_metadata("2")
    began = {"queued_dttm": "01:00", "start_date": "01:00:10"}
    metadata.add_tries({**began, "state": "failed", "end_date": "01:00:20"}, table="task_instance_history")
    metadata.add_tries({**began, "end_date": "01:01:10"})
    assert measure(metadata) == {"load": DagDay(60, 1, 60, 70)}


def test_p17_a_poke_of_airflow_2_has_its_times(make_metadata):
    metadata = make_metadata("2")
    metadata.add("task_reschedule", {"dag_id": "wait", "start_date": "01:00", "end_date": "01:00:05"})
    assert measure(metadata) == {"wait": DagDay(5, 1, 5, 65)}


def test_p17_a_poke_of_airflow_3_has_only_an_end(make_metadata):
    metadata = make_metadata("3")
    metadata.add_tries({"dag_id": "wait", "id": "one", "state": "up_for_reschedule", "queued_dttm": "01:00"})
    metadata.add("task_reschedule", {"ti_id": "one", "start_date": "01:00:09", "end_date": "01:00:05"})
    assert measure(metadata) == {"wait": DagDay(0, 1, 0, 60)}


def test_p17_pokes_of_several_sensors_all_count_on_airflow_3(make_metadata):
    metadata = make_metadata("3")
    for name in ("a", "b"):
        metadata.add_tries({"dag_id": name, "id": name, "state": "up_for_reschedule", "queued_dttm": "01:00"})
        metadata.add("task_reschedule", {"ti_id": name, "start_date": "01:00:09", "end_date": "01:00:05"})
    assert {dag_id: dag.pods for dag_id, dag in measure(metadata).items()} == {"a": 1, "b": 1}


def test_p17_a_poke_counts_once_though_a_copy_has_its_task_twice(make_metadata):
    metadata = make_metadata("3")
    waiting = {"dag_id": "wait", "id": "one", "state": "up_for_reschedule", "queued_dttm": "01:00"}
    metadata.add_tries({**waiting, "updated_at": "01:00"}, {**waiting, "updated_at": "01:01"})
    metadata.add("task_reschedule", {"ti_id": "one", "start_date": "01:00:09", "end_date": "01:00:05"})
    assert measure(metadata) == {"wait": DagDay(0, 1, 0, 60)}


COPIED = {"queued_dttm": "01:00", "start_date": "01:00:10"}
RUNNING = {**COPIED, "state": "running", "updated_at": "01:00:10"}


def test_p17_of_a_copys_versions_the_newest_counts(make_metadata):
    metadata = make_metadata("default copy")
    metadata.add_tries(
        {**COPIED, "end_date": "01:00:30", "updated_at": "01:00:30"},
        RUNNING,
        {**COPIED, "end_date": "01:00:20", "updated_at": None},
    )
    assert measure(metadata) == {"load": DagDay(20, 1, 20, 30)}


def test_p17_the_newest_version_is_chosen_before_anything_is_left_out(make_metadata):
    metadata = make_metadata("default copy")
    metadata.add_tries(RUNNING, {**COPIED, "state": "up_for_reschedule", "updated_at": "01:00:30"})
    assert measure(metadata) == {}


def test_p17_a_try_whose_newest_version_was_never_queued_had_no_pod(make_metadata):
    metadata = make_metadata("default copy")
    metadata.add_tries(RUNNING, {"start_date": "01:00:10", "end_date": "01:00:20", "updated_at": "01:00:30"})
    assert measure(metadata) == {}


def test_p17_of_a_copy_that_kept_an_earlier_try_both_count(make_metadata):
    metadata = make_metadata("default copy")
    later = {"try_number": 2, "queued_dttm": "01:05", "start_date": "01:05:10", "end_date": "01:05:20"}
    metadata.add_tries({**COPIED, "end_date": "01:00:30"}, later)
    assert measure(metadata) == {"load": DagDay(30, 2, 30, 50)}


def test_p17_a_version_without_an_end_runs_only_without_a_later_try(make_metadata):
    metadata = make_metadata("default copy")
    later = {"try_number": 2, "queued_dttm": "01:05", "start_date": "01:05:10", "end_date": "01:05:20"}
    metadata.add_tries(RUNNING, {**later, "updated_at": "01:05:20"})
    assert measure(metadata) == {"load": DagDay(10, 1, 10, 20)}


def test_p17_a_later_try_of_another_task_does_not_end_one_that_runs(make_metadata):
    metadata = make_metadata("default copy")
    other = {"task_id": "other", "try_number": 2, "queued_dttm": "01:05", "start_date": "01:05:10"}
    metadata.add_tries({**RUNNING, "queued_dttm": "23:59", "start_date": "23:59:10"}, {**other, "end_date": "01:05:20"})
    assert measure(metadata)["load"].execution == 50 + 10


def test_p17_a_copy_without_updated_at_prefers_what_has_ended(make_metadata):
    metadata = make_metadata("default copy")
    metadata.warehouse.query("ALTER TABLE task_instance DROP COLUMN updated_at")
    metadata.tables = {"task_instance": TRY}
    metadata.add_tries(RUNNING, {**COPIED, "end_date": "01:00:30"})
    assert measure(metadata) == {"load": DagDay(20, 1, 20, 30)}


@pytest.mark.parametrize("offset", [None, timezone.utc, timezone(timedelta(hours=2))], ids=str)
def test_p17_a_moment_counts_from_1970_in_utc_whatever_its_offset(offset):
    moment = datetime(1970, 1, 1, 2 if offset and offset != timezone.utc else 0, 0, 1, 5, tzinfo=offset)
    assert Moment().process_result_value(moment, sqlite.dialect()) == 1_000_005


def read_labels(metadata) -> dict[str, DagLabels]:
    return dict(AirflowSource.connect(metadata.warehouse.conn_id, None).read(TODAY).labels)


def test_p17_owners_are_a_sorted_set(make_metadata):
    metadata = make_metadata("3")
    metadata.name_owners({"a": "zoe, Ana,zoe , ,Ana", "b": "", "c": "ß, 李"})
    metadata.tag({"a": ["team:x", "daily"], "d": ["two words"]})
    assert read_labels(metadata) == {
        "a": DagLabels(("Ana", "zoe"), ("daily", "team:x")),
        "b": DagLabels(),
        "c": DagLabels(("ß", "李")),
        "d": DagLabels((), ("two words",)),
    }


def test_p17_a_tag_that_is_the_prefix_alone_names_no_team():
    assert DagLabels((), ("team:", "team:bi")).find_team("team:") == "bi"


def test_p17_without_tables_of_dags_there_are_no_labels(make_metadata):
    metadata = make_metadata("default copy")
    metadata.warehouse.query("DROP TABLE dag_tag")
    assert read_labels(metadata) == {}


def test_a_connection_that_is_no_airflows_is_named(warehouse):
    warehouse.query("CREATE TABLE numbers (one INTEGER)")
    with pytest.raises(
        UsageConfigError, match="^Airflow connection 'usage_warehouse': there is no table task_instance"
    ):
        AirflowSource.connect(warehouse.conn_id, None).read(TODAY)


def test_a_table_of_another_kind_is_named_with_what_it_lacks(warehouse):
    warehouse.query(
        "CREATE TABLE task_instance (dag_id TEXT, run_id TEXT, task_id TEXT, map_index INTEGER, state TEXT)"
    )
    with pytest.raises(UsageConfigError, match="has no column try_number, queued_dttm, start_date, end_date"):
        AirflowSource.connect(warehouse.conn_id, None).read(TODAY)


@pytest.mark.parametrize(
    ("column", "other"), [("start_date", "TEXT"), ("id", "UUID USING NULL")], ids=["times as text", "ids of two types"]
)
def test_a_column_of_another_type_is_not_told_as_one_of_the_usage_tables(postgres_warehouse, column, other):
    metadata = Metadata(postgres_warehouse, "3")
    metadata.add_tries({"queued_dttm": "01:00", "start_date": "01:00", "end_date": "01:01"})
    postgres_warehouse.query(f"ALTER TABLE task_instance ALTER COLUMN {column} TYPE {other}")
    words = "^Airflow connection 'usage_warehouse': a column is not as this package needs it .operator does not exist"
    with pytest.raises(UsageConfigError, match=words):
        AirflowSource.connect(postgres_warehouse.conn_id, None).read(TODAY)


def test_a_schema_that_is_missing_is_named(postgres_warehouse):
    with pytest.raises(UsageConfigError, match="schema 'airflow-abc123': there is no table task_instance"):
        AirflowSource.connect(postgres_warehouse.conn_id, "airflow-abc123").read(TODAY)


def test_a_schema_that_no_database_can_have_is_an_error(sqlite_warehouse):
    with pytest.raises(UsageConfigError, match="without NUL"):
        AirflowSource.connect(sqlite_warehouse.conn_id, "x\0")


def test_tables_may_be_in_a_schema_of_any_name(postgres_warehouse):
    add_worked_day(Metadata(postgres_warehouse, "3"))
    postgres_warehouse.query('CREATE SCHEMA "airflow-Abc123"')
    for table in ("task_instance", "task_instance_history"):
        postgres_warehouse.query(f'ALTER TABLE {table} SET SCHEMA "airflow-Abc123"')
    reading = AirflowSource.connect(postgres_warehouse.conn_id, "airflow-Abc123").read(TODAY)
    assert len(reading.runs.tries) == 4


def test_text_that_is_no_moment_is_an_error(sqlite_warehouse):
    Metadata(sqlite_warehouse, "2").add_tries({"queued_dttm": "01:00", "start_date": "01:00", "end_date": "99:00"})
    with pytest.raises(UsageDataError, match="a moment in Airflow's tables cannot be read"):
        AirflowSource.connect(sqlite_warehouse.conn_id, None).read(TODAY)
