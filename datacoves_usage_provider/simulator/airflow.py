"""An Airflow whose worker pods explain the minutes that the simulated Datacoves bills."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from datacoves_usage_provider.simulator.airflow_days import NOTHING, make_day, measure_pod
from datacoves_usage_provider.simulator.airflow_tables import Shape, Table, make_tables
from datacoves_usage_provider.simulator.airflow_tasks import TaskInstance
from datacoves_usage_provider.simulator.usage import ONE_DAY, days_between, utc_now

_ROWS_AT_ONCE = 500


class Connection(Protocol):
    """A DB-API connection to SQLite or PostgreSQL."""

    def cursor(self) -> Any: ...

    def commit(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Airflow:
    """
    The Airflow of one Datacoves environment, with KubernetesExecutor: each try of a task is a pod.

    Its task instances are pseudo-random, the same on every machine. On each UTC day, its pods run exactly as many
    minutes as ``DatacovesBilling`` has for service ``airflow`` when the day is over, before any ``restate``. ``now`` is
    the clock, in UTC: what happens later is not in the tables yet.
    """

    environment: str
    now: Callable[[], datetime] = utc_now

    def get_pod_time(self, day: date) -> dict[str, timedelta]:
        """Return how long the pods of each DAG ran on the UTC ``day``: what a perfect allocation would find."""
        times: defaultdict[str, timedelta] = defaultdict(timedelta)
        for instance in self._get_task_instances(day, day + ONE_DAY):
            for pod in instance.pods:
                times[instance.dag_id] += measure_pod(pod, day)
        return {dag_id: time for dag_id, time in times.items() if time > NOTHING}

    def count_pods(self, day: date) -> dict[str, int]:
        """Return how many pods of each DAG started on the UTC ``day``."""
        instances = self._get_task_instances(day, day + ONE_DAY)
        return Counter(one.dag_id for one in instances for pod in one.pods if pod.up.date() == day)

    def write_tables(self, connection: Connection, start: date, end: date, shape: Shape = "airflow-3") -> None:
        """
        Create and fill the tables that tell who ran what on the UTC days from ``start`` up to, not including, ``end``.

        ``shape``: that of the tables of Airflow 2 or 3, or of the copies that Datacoves syncs by default, which lack
        the earlier tries and pokes, and the owners. A table that is there is an error of the database.
        """
        cursor = connection.cursor()
        for statement in self.make_statements(start, end, shape, is_sqlite=isinstance(connection, sqlite3.Connection)):
            cursor.execute(statement)
        connection.commit()

    def make_statements(
        self, start: date, end: date, shape: Shape = "airflow-3", *, is_sqlite: bool = False
    ) -> Iterator[str]:
        """Yield the same as SQL, for PostgreSQL or SQLite."""
        for table in make_tables(shape, self._get_task_instances(start, end), self.now()):
            yield from _make_statements(table, is_sqlite)

    def _get_task_instances(self, start: date, end: date) -> Sequence[TaskInstance]:
        """Those that ran on these days: also those that began the day before."""
        return [one for day in days_between(start - ONE_DAY, end) for one in make_day(self.environment, day)]


def _make_statements(table: Table, is_sqlite: bool) -> Iterator[str]:
    columns = ", ".join(column.replace("TIME", "timestamp with time zone") for column in table.columns)
    yield f"CREATE TABLE {table.name} ({columns})"
    for first in range(0, len(table.rows), _ROWS_AT_ONCE):
        rows = table.rows[first : first + _ROWS_AT_ONCE]
        values = ", ".join(f"({', '.join(_write(value, is_sqlite) for value in row)})" for row in rows)
        yield f"INSERT INTO {table.name} VALUES {values}"


def _write(value: object, is_sqlite: bool) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        # On SQLite, Airflow writes times without their offset.
        return f"'{value:%Y-%m-%d %H:%M:%S.%f}{'' if is_sqlite else '+00:00'}'"
    return str(value) if isinstance(value, int) else "'{}'".format(str(value).replace("'", "''"))
