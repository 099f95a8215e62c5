"""Make the run of each case the way a user would."""

from __future__ import annotations

import json
from pathlib import Path

from tests.real_runs import cases
from tests.real_runs.airflow_server import AirflowServer
from tests.real_runs.cases import AIRFLOW, CASES_HERE, Case
from tests.real_runs.rest_api import RestApi

SOURCE_DAG_ID = "source"

_COMMANDS = str(Path(__file__).with_name("commands.py"))
_BACKFILL_DATES = "2025-03-02", "2025-03-03"


def make_runs(server: AirflowServer, api: RestApi) -> None:
    """Ask for all runs that no schedule makes, by command and over the REST API, without waiting for them."""
    commands = [command for case in CASES_HERE if (command := _command_for(case))]
    server.processes.start("commands", _COMMANDS, json.dumps(commands))
    for case in CASES_HERE:
        _request(api, case)


def _command_for(case: Case) -> list[str] | None:
    if case.run == cases.DATED_COMMAND:
        return ["dags", "trigger", "-e" if AIRFLOW == 2 else "-l", "2025-03-05T11:30Z", "-r", case.run_id, case.dag_id]
    if case.run == cases.BACKFILL:
        return _backfill_command(case.dag_id, *_BACKFILL_DATES)
    return None


def _backfill_command(dag_id: str, first: str, last: str) -> list[str]:
    if AIRFLOW == 2:
        return ["dags", "backfill", "--start-date", first, "--end-date", last, dag_id]
    return ["backfill", "create", "--dag-id", dag_id, "--from-date", first, "--to-date", last]


def _request(api: RestApi, case: Case) -> None:
    asset_uri = f"usage://real-runs/{case.dag_id}"
    match case.run:
        case cases.BY_HAND:
            api.trigger(case.dag_id, case.run_id)
        case cases.DATED:
            api.trigger(case.dag_id, case.run_id, logical_date="2025-03-05T10:30:00Z")
        case cases.RUN_AFTER:
            api.trigger(case.dag_id, case.run_id, run_after="2025-03-05T10:30:00Z")
        case cases.EVENT_OF_RUN:
            api.trigger(SOURCE_DAG_ID, case.run_id, logical_date="2025-03-05T10:30:00Z")
        case cases.EVENT_OF_API:
            api.post_event(asset_uri)
        case cases.PARTITION:
            api.trigger(case.dag_id, case.run_id, partition_key="2025-02-03T06:15:00")
        case cases.FUTURE_PARTITION:
            api.trigger(case.dag_id, case.run_id, partition_key="2999-01-01T06:15:00")
        case cases.PARTITION_EVENT:
            api.post_event(asset_uri, partition_key="2025-02-03")
