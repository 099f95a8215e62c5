"""What is set up wrong, or not there, is named with what there is."""

from __future__ import annotations

import json
import sqlite3
from time import sleep

import pytest
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.exceptions import WarehouseUnavailableError
from datacoves_usage_provider.warehouse.dialects.database import Database
from datacoves_usage_provider.warehouse.session import ReadingSession
from datacoves_usage_provider.warehouse.tables import make_tables
from tests.support.metadata import Metadata, add_worked_day
from tests.support.ports import find_free_port
from tests.support.warehouse import WarehouseDatabase

TODAY = ("2026-11-04", "airflow")


def test_an_environment_that_no_account_has_is_an_error_that_lists_what_there_is(make_metadata, bill, allocate):
    make_metadata("2")
    bill({TODAY: 9})
    bill({TODAY: 9}, environment="other", account="second")
    with pytest.raises(AirflowFailException) as caught:
        allocate(sub_account_id="wrong")
    assert str(caught.value) == (
        "Warehouse connection 'usage_warehouse': usage_daily has no Worker Minutes of sub_account_id 'wrong'. What it "
        "has: billing account 'acme' has 'abc123'; billing account 'second' has 'other'."
    )


def add_bills(metadata: Metadata, accounts: int, environments: int) -> None:
    """Let each of the accounts ``acme``, ``acme01``, … have the environments ``env00``, ``env01``, …"""
    columns = [column.name for column in make_tables(None).daily.columns]
    for column, first, count in (("sub_account_id", "env00", environments), ("billing_account_id", "acme", accounts)):
        for number in range(1, count):
            other = f"'{first.removesuffix('00')}{number:02}'"
            row = ", ".join(other if name == column else name for name in columns)
            metadata.warehouse.query(
                f"INSERT INTO usage_daily ({', '.join(columns)}) SELECT {row} FROM usage_daily "
                f"WHERE {column} = '{first}'"
            )


@pytest.mark.parametrize(("count", "end"), [(20, "'env19'."), (22, "'env19', 2 more.")])
def test_twenty_environments_are_listed_and_of_more_the_number(make_metadata, bill, allocate, count, end):
    metadata = make_metadata("2")
    bill({TODAY: 9}, environment="env00")
    add_bills(metadata, 1, count)
    with pytest.raises(AirflowFailException) as caught:
        allocate(sub_account_id="wrong")
    assert str(caught.value).endswith(end)


@pytest.mark.parametrize(
    ("accounts", "end"),
    [
        (3, "billing account 'acme02' has 'env00', 'env01', 'env02', 'env03', 'env04', 'env05', 1 more."),
        (20, "billing account 'acme19' has 'env00', 6 more."),
        (22, "billing account 'acme19' has 'env00', 6 more; 2 more billing accounts."),
    ],
)
def test_of_many_accounts_few_environments_are_listed(make_metadata, bill, allocate, accounts, end):
    metadata = make_metadata("2")
    bill({TODAY: 9}, environment="env00")
    add_bills(metadata, accounts, 7)
    with pytest.raises(AirflowFailException) as caught:
        allocate(sub_account_id="wrong")
    assert str(caught.value).endswith(end)
    assert len(str(caught.value)) < 1200


def test_an_account_that_lacks_the_environment_is_an_error(make_metadata, bill, allocate):
    make_metadata("2")
    bill({TODAY: 9})
    bill({TODAY: 9}, environment="other", account="second")
    with pytest.raises(
        AirflowFailException, match="of sub_account_id 'abc123' of billing_account_id 'second'. What it has"
    ):
        allocate(billing_account_id="second")


def test_an_environment_of_several_accounts_has_to_be_named(make_metadata, bill, allocate):
    make_metadata("2")
    bill({TODAY: 9})
    bill({TODAY: 8}, account="second")
    with pytest.raises(
        AirflowFailException,
        match="^Warehouse connection .* sub_account_id 'abc123' is in several billing accounts of .*'acme', 'second'.",
    ):
        allocate()
    assert allocate(billing_account_id="second")["billed"] == "8"


def test_a_warehouse_without_any_usage_says_what_to_do(make_metadata, allocate):
    make_metadata("2")
    with pytest.raises(AirflowFailException, match="It has none of Datacoves at all: collect them first"):
        allocate()


def test_all_wrong_arguments_are_listed_at_once(allocate):
    wrong = {"sub_account_id": "", "airflow_conn_id": None, "period": "week", "start": "2026-11-04", "pod_per_task": ""}
    with pytest.raises(AirflowFailException) as caught:
        allocate(**wrong, lookback_days="-1", sql_conn_id="None")
    message = str(caught.value)
    for name in (
        "sub_account_id",
        "airflow_conn_id",
        "period",
        "start and end",
        "lookback_days",
        "pod_per_task",
        "sql_conn_id",
    ):
        assert f"{name}: " in message


def test_arguments_may_be_text(make_metadata, bill, allocate):
    metadata = make_metadata("3")
    add_worked_day(metadata)
    metadata.tag({"load": ["team:a"]})
    bill({("2026-10-31", "airflow"): 1, ("2026-11-01", "airflow"): 1, ("2026-11-03", "airflow"): 2, TODAY: 9})
    assert allocate(lookback_days="1", catch_up_days="2", pod_per_task="True", airflow_schema="None")["days"] == 2
    assert (
        allocate(start="2026-11-01", end="2026-11-05", team_tag_prefix="", lookback_days=9, catch_up_days=9)["days"]
        == 3
    )
    assert metadata.warehouse.query("SELECT DISTINCT x_team FROM usage_allocation") == [("",)]


def test_a_connection_that_is_missing_is_named_with_its_role(make_metadata, allocate):
    with pytest.raises(AirflowFailException, match=r"There is no connection 'no_such_conn' \(Airflow\)"):
        allocate(airflow_conn_id="no_such_conn")


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("nothere.db", "there is no SQLite file '{}'"),
        ("", "there is no SQLite file '{}'"),
        ("a" * 1_000, "the SQLite file '{:.300}…' cannot be looked up (File name too long)"),
    ],
    ids=["not there", "none", "too long"],
)
@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_a_path_that_is_no_airflows_names_the_connection_and_no_warehouse(
    tmp_path, monkeypatch, bill, allocate, host, reason
):
    path = str(tmp_path / host) if host else ""
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", json.dumps({"conn_type": "sqlite", "host": path}))
    bill({TODAY: 9})
    with pytest.raises(AirflowFailException) as caught:
        allocate(airflow_conn_id="other")
    assert str(caught.value) == (
        f"Airflow connection 'other': {reason.format(path)}. Put the path of the file that is meant into its host "
        "field."
    )
    assert list(tmp_path.glob("nothere*")) == []


def test_tables_that_are_empty_leave_all_unattributed(make_metadata, bill, allocate):
    metadata = make_metadata("default copy")
    bill({TODAY: 9})
    assert allocate() | {"days": 1} == allocate()
    assert metadata.warehouse.query("SELECT allocated_resource_id FROM usage_allocation") == [("",)]


def test_a_clock_that_is_skewed_still_adds_up(make_metadata, bill, allocate):
    metadata = make_metadata("2")
    metadata.add_tries(
        {"queued_dttm": "23:50", "start_date": "2026-11-05 00:10", "end_date": "23:55"},
        {"task_id": "b", "queued_dttm": "02:00", "start_date": "01:00", "end_date": "00:30"},
        {"task_id": "c", "queued_dttm": "01:00", "start_date": "01:00", "end_date": "01:02"},
    )
    bill({TODAY: 9})
    returned = allocate()
    assert float(returned["unattributed"]) + sum(float(dag["consumed_quantity"]) for dag in returned["dags"]) == 9


@pytest.fixture
def other_airflow(tmp_path, monkeypatch):
    """A SQLite file of its own with an Airflow's tables, behind the connection ``other``."""
    path = tmp_path / "airflow.db"
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", json.dumps({"conn_type": "sqlite", "host": str(path)}))
    add_worked_day(Metadata(WarehouseDatabase("other", "sqlite", f"sqlite:///{path}"), "3"))
    return path


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_a_metadata_database_that_is_locked_is_tried_again_later(other_airflow, monkeypatch, bill, allocate):
    monkeypatch.setattr(Database, "max_read_wait_seconds", 1)
    bill({TODAY: 9})
    writer = sqlite3.connect(other_airflow, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(WarehouseUnavailableError, match="^Airflow connection 'other': another program keeps"):
        allocate(airflow_conn_id="other")
    writer.close()
    assert allocate(airflow_conn_id="other")["status"] == {"within": 1}


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_a_metadata_database_that_is_gone_is_tried_again_later(monkeypatch, bill, allocate):
    gone = {"conn_type": "postgres", "host": "127.0.0.1", "port": find_free_port(), "schema": "airflow"}
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", json.dumps(gone))
    bill({TODAY: 9})
    with pytest.raises(WarehouseUnavailableError, match="^Airflow connection 'other': the database cannot be reached"):
        allocate(airflow_conn_id="other")


def view_with(metadata: Metadata, expression: str) -> None:
    """Put a view in place of ``task_instance`` that computes ``expression``, text, for each row."""
    metadata.warehouse.query("ALTER TABLE task_instance RENAME TO hidden")
    columns = [name for name in metadata.tables["task_instance"] if name != "dag_id"]
    metadata.warehouse.query(
        f"CREATE VIEW task_instance AS SELECT dag_id || {expression} AS dag_id, {', '.join(columns)} FROM hidden"
    )


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_a_metadata_database_that_is_slow_is_left_alone(make_metadata, monkeypatch, bill, allocate):
    monkeypatch.setattr(Database, "max_read_seconds", 1)
    metadata = make_metadata("2")
    add_worked_day(metadata)
    view_with(metadata, "pg_sleep(9)::text")
    bill({TODAY: 9})
    with pytest.raises(WarehouseUnavailableError) as caught:
        allocate()
    assert str(caught.value) == (
        "Airflow connection 'usage_warehouse': a statement took longer than the 1 seconds that this package lets it, "
        "or was cancelled (canceling statement due to statement timeout). Nothing of 2026-11-04 was "
        "allocated. Airflow will retry."
    )


def test_a_worker_that_is_slow_with_its_rows_keeps_its_transaction(postgres_warehouse, monkeypatch):
    monkeypatch.setattr(Database, "max_read_wait_seconds", 1)

    def read_slowly(connection) -> int:
        connection.execute(text("SELECT 1"))
        sleep(1.5)
        return connection.execute(text("SELECT 2")).scalar()

    session = ReadingSession.connect(postgres_warehouse.conn_id, "Airflow", None)
    assert session.run_in_transaction(read_slowly, lambda: "") == 2


def test_a_row_that_is_not_there_is_not_told_as_what_a_load_writes(postgres_warehouse):
    session = ReadingSession.connect(postgres_warehouse.conn_id, "Airflow", None)
    with pytest.raises(NoResultFound):
        session.run_in_transaction(lambda connection: connection.execute(text("SELECT 1 WHERE false")).one(), str)


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_an_airflows_database_cannot_be_written_to(make_metadata, bill, allocate):
    metadata = make_metadata("2")
    add_worked_day(metadata)
    metadata.warehouse.query("CREATE TABLE written (one TEXT)")
    metadata.warehouse.query(
        "CREATE FUNCTION write() RETURNS TEXT LANGUAGE sql AS $$ INSERT INTO written VALUES ('x') RETURNING '' $$"
    )
    view_with(metadata, "write()")
    bill({TODAY: 9})
    with pytest.raises(WarehouseUnavailableError, match="cannot execute INSERT in a read-only transaction"):
        allocate()


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p17_moments_are_utc_whatever_the_database_says(make_metadata, bill, allocate, run_on_server):
    metadata = make_metadata("3")
    add_worked_day(metadata)
    database = metadata.warehouse.uri.rpartition("/")[2]
    run_on_server(f"ALTER DATABASE {database} SET timezone TO 'Asia/Kolkata'")
    bill({TODAY: 12})
    assert allocate()["unattributed"] == "2.25"
    kind = "TIMESTAMP USING {0} AT TIME ZONE 'UTC'"
    for table in ("task_instance", "task_instance_history"):
        for column in ("queued_dttm", "start_date", "end_date"):
            metadata.warehouse.query(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind.format(column)}")
    returned = allocate()
    assert (returned["unattributed"], returned["status"]) == ("2.25", {"above": 1})
