"""One environment's Airflow behind a SQL connection: its metadata database, a replica, or copies of its tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sys import intern
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import Select

from datacoves_usage_provider.allocation.airflow_tables import AirflowTables
from datacoves_usage_provider.allocation.labels import DagLabels
from datacoves_usage_provider.allocation.selects import (
    select_earlier_tries,
    select_failed,
    select_pokes,
    select_tries,
)
from datacoves_usage_provider.allocation.tries import SECOND, FailedTry, Poke, TaskRuns, Try
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.warehouse.session import ReadingSession
from datacoves_usage_provider.window import UsageWindow


@dataclass(frozen=True)
class AirflowReading:
    """What ran in a window, and whose each DAG is, by dag id; a DAG without owners and tags may be missing."""

    runs: TaskRuns
    labels: Mapping[str, DagLabels]


class AirflowSource:
    """Reads in one short transaction that can write nothing. Raises the errors of ``DatabaseSession``."""

    def __init__(self, session: ReadingSession, schema: str | None) -> None:
        self._session = session
        self._schema = schema

    @classmethod
    def connect(cls, conn_id: str, schema: str | None) -> AirflowSource:
        """Return the source behind an Airflow connection; ``UsageConfigError`` if there is none. Opens nothing."""
        return cls(ReadingSession.connect(conn_id, "Airflow", schema), schema)

    def read(self, window: UsageWindow) -> AirflowReading:
        """Return all that may have run in ``window``. ``UsageConfigError`` if there are no task instances to read."""

        def read(connection: Connection) -> AirflowReading:
            tables = AirflowTables(connection, self._schema, self._session.subject)
            return AirflowReading(_read_runs(connection, tables, window), _read_labels(connection, tables))

        what_holds = f"Nothing of {window} was allocated."
        try:
            return self._session.run_in_transaction(read, lambda: what_holds)
        except ValueError as error:  # of SQLite's text, which may be any
            raise UsageDataError(
                f"{self._session.subject}: a moment in Airflow's tables cannot be read ({error}). {what_holds}"
            ) from error


def _read_runs(connection: Connection, tables: AirflowTables, window: UsageWindow) -> TaskRuns:
    """Read the latest tries first, so that one that becomes an earlier one meanwhile is read twice, and not never."""
    start, end = (seconds * SECOND for seconds in window.timestamps)
    tries = [_make_try(row) for row in connection.execute(select_tries(tables.task_instance, start, end))]
    if tables.history is not None:
        tries += [_make_try(row) for row in connection.execute(select_earlier_tries(tables.history, start, end))]
    failed: list[FailedTry] = []
    if tables.task_fail is not None and tables.history is None:
        failed = [FailedTry(*row) for row in connection.execute(select_failed(tables.task_fail, start, end))]
    pokes: list[Poke] = []
    if tables.reschedule is not None:
        query = select_pokes(tables.reschedule, tables.task_instance, start, end)
        pokes = [_make_poke(row) for row in connection.execute(query)]
    return TaskRuns(tries, failed, pokes)


def _make_try(row: Any) -> Try:
    dag_id, run_id, task_id, *rest = row
    return Try(intern(dag_id), intern(run_id), intern(task_id), *rest)


def _make_poke(row: Any) -> Poke:
    return Poke(*row) if len(row) == 3 else Poke(row[0], None, row[1])


def _read_labels(connection: Connection, tables: AirflowTables) -> dict[str, DagLabels]:
    owners: Mapping[str, set[str]] = {}
    tags: Mapping[str, set[str]] = {}
    if tables.dag is not None:
        owners = _gather(connection, select(tables.dag.c.dag_id, tables.dag.c.owners), separator=",")
    if tables.dag_tag is not None:
        tags = _gather(connection, select(tables.dag_tag.c.dag_id, tables.dag_tag.c.name), separator=None)
    return {
        dag_id: DagLabels(tuple(sorted(owners.get(dag_id, ()))), tuple(sorted(tags.get(dag_id, ()))))
        for dag_id in {*owners, *tags}
    }


def _gather(connection: Connection, query: Select[Any], separator: str | None) -> dict[str, set[str]]:
    """Return the words of each DAG; ``separator`` parts those that Airflow joins in one column."""
    words: defaultdict[str, set[str]] = defaultdict(set)
    for dag_id, text in connection.execute(query):
        if text is not None:
            words[dag_id].update(_split(text, separator))
    return words


def _split(text: str, separator: str | None) -> Iterable[str]:
    parts = [text] if separator is None else (part.strip() for part in text.split(separator))
    return filter(None, parts)
