"""P14: the last that a failed task's log shows of an error is what to do, not the frames of a driver or a client."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.exceptions import UsageApiUnavailableError
from datacoves_usage_provider.simulator import faults

TODAY = str(datetime.now(timezone.utc).date())
MOST_FRAMES = 8  # Airflow's own, and the operator's
NEXT_ENTRY = re.compile(r"^\[?20\d\d-\d\d-\d\d[T ]\d\d:", re.MULTILINE)


def reject_the_key(api, warehouse, simulator):
    api.key = "another-key-of-the-api"


def spoil_the_database(api, warehouse, simulator):
    Path(warehouse.uri.removeprefix("sqlite:///")).write_text("This is text. " * 100)


def stop_the_api(api, warehouse, simulator):
    simulator.faults.append(faults.Status(503, retry_after="999"))


FAILURES = {
    reject_the_key: "Check the API key in the connection's password field",
    spoil_the_database: "SQLite database",
    stop_the_api: "That is too long: a task waits at most",
}


def read_error(said: str) -> list[str]:
    """Return the lines of the log's entry for the error."""
    entry = said.partition("Task failed with exception")[2].partition("\n")[2]
    return NEXT_ENTRY.split(entry)[0].strip().splitlines()


@pytest.mark.usefixtures("datacoves_conn")
@pytest.mark.parametrize("fail", FAILURES, ids=lambda fail: fail.__name__)
def test_p14_the_log_ends_with_what_to_do(run_dag, api, simulator, sqlite_warehouse, fail):
    fail(api, sqlite_warehouse, simulator)
    run = run_dag("tried_once", TODAY)
    assert run.task[0] == "failed"
    lines = read_error(run.said)
    assert FAILURES[fail] in lines[-1]
    frames = [line for line in lines if line.startswith('  File "')]
    assert len(frames) <= MOST_FRAMES
    assert [frame for frame in frames if "/airflow/" not in frame and "operators/usage_operator.py" not in frame] == []


@pytest.mark.usefixtures("datacoves_conn")
@pytest.mark.parametrize("fail", FAILURES, ids=lambda fail: fail.__name__)
def test_p14_a_callback_finds_the_kind_of_error_and_nothing_below_it(execute, api, simulator, sqlite_warehouse, fail):
    fail(api, sqlite_warehouse, simulator)
    with pytest.raises((AirflowFailException, UsageApiUnavailableError)) as raised:
        execute(usage_conn_id="datacoves_billing_default")
    error = raised.value.__cause__ or raised.value
    assert str(error) == str(raised.value)
    assert error.__cause__ is None
    assert error.__suppress_context__


@pytest.mark.usefixtures("airflow_db")
def test_a_developer_finds_where_an_error_comes_from_in_the_debug_log(dags_folder, set_datacoves_conn):
    set_datacoves_conn(timeout=0)
    settings = {"AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG", "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder)}
    command = [sys.executable, "-m", "airflow", "dags", "test", "tried_once", TODAY]
    run = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert "Where the error comes from" in run.stdout + run.stderr
    assert "client/settings.py" in run.stdout + run.stderr
