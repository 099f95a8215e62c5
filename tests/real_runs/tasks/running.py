"""Run the DAG of each case as far as it goes, clear what is to be cleared, and allocate a bill by it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from tests.real_runs.airflow_server import START_SECONDS, AirflowServer
from tests.real_runs.rest_api import RestApi
from tests.real_runs.tasks.audit import PodSeen, read_audit
from tests.real_runs.waiting import wait

RUN_ID = "a_run"
ONE_DAY = timedelta(days=1)
RUN_SECONDS = 300

RUNNING, NEVER_STARTED, KILLED, ALLOCATE = "running", "never_started", "killed", "allocate"
CLEARED_WHEN_OVER = {"cleared": "load", "cleared_and_not_run": "extract"}
CLEARED_WHILE_RUNNING = {"cleared_while_running": "load"}
DAG_IDS = {
    *("retried", "timed_out", "deferred", "poking", "mapped", "skipped", "upstream_failed", "empty"),
    *(RUNNING, NEVER_STARTED, KILLED, *CLEARED_WHEN_OVER, *CLEARED_WHILE_RUNNING),
}
ENDING = DAG_IDS - {RUNNING, NEVER_STARTED}
_OVER = ("success", "failed")


def run_all_cases(server: AirflowServer, audit: Path, executions: Path) -> None:
    server.processes.start("triggerer", "-m", "airflow", "triggerer", "--skip-serve-logs")
    api = RestApi(server.url)
    api.log_in()
    wait(lambda: {*DAG_IDS, ALLOCATE} - api.get_dag_ids(), START_SECONDS, server.processes)
    for dag_id in DAG_IDS:
        api.trigger(dag_id, RUN_ID)
    to_clear = CLEARED_WHEN_OVER | CLEARED_WHILE_RUNNING
    wait(lambda: _clear(api, to_clear, executions), RUN_SECONDS, server.processes)
    wait(lambda: _find_unfinished(api, ENDING) or find_open_pods(audit), RUN_SECONDS, server.processes)


def allocate(server: AirflowServer, start: date, end: date) -> None:
    """Let this Airflow allocate the days from ``start`` up to, but not including, ``end``."""
    api = RestApi(server.url)
    api.log_in()
    api.trigger(ALLOCATE, RUN_ID, conf={"start": str(start), "end": str(end)})
    wait(lambda: _find_unfinished(api, [ALLOCATE]), RUN_SECONDS, server.processes)


def move_to_yesterday(metadata_uri: str) -> None:
    """Have all tasks that have ended run a day earlier than they did: a day that is not over has no bill yet."""
    engine = create_engine(metadata_uri, poolclass=NullPool)
    with engine.begin() as connection:
        inspector = inspect(connection)
        for table in ("task_instance", "task_instance_history", "task_reschedule", "task_fail"):
            if inspector.has_table(table):
                names = {column["name"] for column in inspector.get_columns(table)}
                moments = sorted(names & {"queued_dttm", "start_date", "end_date"})
                moved = ", ".join(f"{name} = {name} - interval '1 day'" for name in moments)
                connection.execute(text(f"UPDATE {table} SET {moved} WHERE end_date IS NOT NULL"))


def find_open_pods(audit: Path) -> list[str]:
    return [pod.dag_id for pod in read_audit(audit) if pod.end is None and pod.dag_id in ENDING]


def find_pods_of_yesterday(audit: Path) -> list[PodSeen]:
    """The pods of what has ended, a day earlier than they ran."""
    return [pod.earlier(ONE_DAY) for pod in read_audit(audit) if pod.dag_id in ENDING]


def get_days() -> list[date]:
    """Yesterday, and the day before: the tasks may have met midnight."""
    today = datetime.now(timezone.utc).date()
    return [today - 2 * ONE_DAY, today - ONE_DAY]


def _clear(api: RestApi, to_clear: dict[str, str], executions: Path) -> Collection[str]:
    """Clear what is ready for it; return what is not."""
    # Airflow 2.10 calls a task running before it can stop it.
    ready = {
        dag_id for dag_id, task_id in CLEARED_WHILE_RUNNING.items() if (executions / f"{dag_id}.{task_id}").exists()
    }
    ready |= CLEARED_WHEN_OVER.keys() - set(_find_unfinished(api, CLEARED_WHEN_OVER))
    for dag_id in ready & to_clear.keys():
        api.clear(dag_id, RUN_ID, to_clear.pop(dag_id))
    return to_clear


def _find_unfinished(api: RestApi, dag_ids: Iterable[str]) -> Collection[str]:
    states = {run["dag_id"]: run["state"] for run in api.get_runs()}
    return [dag_id for dag_id in dag_ids if states[dag_id] not in _OVER]
