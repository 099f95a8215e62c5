"""Which of an Airflow's tables a database has. Both majors' are told apart by their columns, also in copies."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, String, column, table
from sqlalchemy.engine import Connection
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import TypeEngine

from datacoves_usage_provider.allocation.moments import Moment
from datacoves_usage_provider.exceptions import DOCS, UsageConfigError
from datacoves_usage_provider.warehouse.dialects import find_database

KEY = ("dag_id", "run_id", "task_id", "map_index")
_TRY = (*KEY, "try_number", "queued_dttm", "start_date", "end_date")
_NEEDED = {
    "task_instance": (*_TRY, "state"),
    "task_instance_history": _TRY,
    "task_fail": (*KEY, "start_date", "end_date"),
    "dag": ("dag_id", "owners"),
    "dag_tag": ("dag_id", "name"),
}
_POKES_OF_2 = ("dag_id", "start_date", "end_date")
_POKES_OF_3 = ("ti_id", "end_date")
_TYPES: dict[str, TypeEngine[Any]] = {
    **dict.fromkeys(("map_index", "try_number"), Integer()),
    **dict.fromkeys(("queued_dttm", "start_date", "end_date", "updated_at"), Moment()),
}


class AirflowTables:
    """The tables of one Airflow that statements on ``connection`` find in ``schema``, or by their bare names."""

    def __init__(self, connection: Connection, schema: str | None, subject: str) -> None:
        """``UsageConfigError``, which begins with ``subject``, if ``task_instance`` or a column of it is missing."""
        self._schema = schema
        database = find_database(connection.dialect)
        self._found = database.find_relations(connection, (*_NEEDED, "task_reschedule"), schema)
        columns = self._find_columns("task_instance")
        _check_task_instances(columns, f"{subject}{'' if schema is None else f', schema {schema!r}'}")
        self._optional = tuple({"id", "updated_at"} & columns)
        self.task_instance = self._make("task_instance", (*_NEEDED["task_instance"], *self._optional))
        self.history = self._find("task_instance_history")
        self.task_fail = self._find("task_fail")
        self.dag = self._find("dag")
        self.dag_tag = self._find("dag_tag")
        self.reschedule = self._find_reschedule()

    def _find(self, name: str) -> TableClause | None:
        """Return a table that has all columns; copies lack those that never had a value, and so no row would count."""
        return self._make(name, _NEEDED[name]) if self._find_columns(name).issuperset(_NEEDED[name]) else None

    def _find_reschedule(self) -> TableClause | None:
        found = self._find_columns("task_reschedule")
        if found.issuperset(_POKES_OF_3) and "id" in self._optional:
            return self._make("task_reschedule", _POKES_OF_3)
        return self._make("task_reschedule", _POKES_OF_2) if found.issuperset(_POKES_OF_2) else None

    def _find_columns(self, name: str) -> frozenset[str]:
        return frozenset(self._found[name].types) if name in self._found else frozenset()

    def _make(self, name: str, columns: tuple[str, ...]) -> TableClause:
        typed = (column(one, _TYPES.get(one, String())) for one in columns)
        return table(name, *typed, schema=self._schema)


def _check_task_instances(columns: frozenset[str], place: str) -> None:
    if not columns:
        raise UsageConfigError(
            f"{place}: there is no table task_instance that it can see. Name the database of that environment's "
            f"Airflow, or the schema of copies of its tables: {DOCS}/which-dag.md"
        )
    if missing := [name for name in _NEEDED["task_instance"] if name not in columns]:
        raise UsageConfigError(
            f"{place}: its table task_instance has no column {', '.join(missing)}. Is it an Airflow's? If it is a "
            f"copy, copy these columns, too: {DOCS}/which-dag.md#on-datacoves"
        )
