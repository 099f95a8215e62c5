"""The tables of an Airflow that allocation reads, in both majors' shapes, beside a test's warehouse or elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.support.warehouse import WarehouseDatabase

NUMBERS = ("map_index", "try_number")
MOMENTS = ("queued_dttm", "start_date", "end_date", "updated_at")
KEY = ("dag_id", "run_id", "task_id", "map_index")
TRY = (*KEY, "try_number", "state", "queued_dttm", "start_date", "end_date")
OF_ALL = {
    "task_instance": (*TRY, "updated_at"),
    "task_instance_history": TRY,
    "dag": ("dag_id", "owners"),
    "dag_tag": ("dag_id", "name"),
}
SHAPES = {
    "2": {
        **OF_ALL,
        "task_reschedule": ("dag_id", "start_date", "end_date"),
        "task_fail": (*KEY, "start_date", "end_date"),
    },
    "3": {
        **OF_ALL,
        "task_instance": (*OF_ALL["task_instance"], "id"),
        "task_reschedule": ("ti_id", "start_date", "end_date"),
    },
    # What Datacoves' task copies unless it is told to copy more.
    "default copy": {
        "task_instance": OF_ALL["task_instance"],
        "dag_tag": OF_ALL["dag_tag"],
        "task_fail": (*KEY, "start_date", "end_date"),
    },
}


@dataclass
class Metadata:
    """An Airflow's tables of ``shape`` in ``warehouse``'s database, empty at first."""

    warehouse: WarehouseDatabase
    shape: str = "2"
    tables: dict[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.tables = SHAPES[self.shape]
        with create_engine(self.warehouse.uri, poolclass=NullPool).begin() as connection:
            for table, columns in self.tables.items():
                kinds = ", ".join(f"{name} {self._get_kind(name)}" for name in columns)
                connection.execute(text(f"CREATE TABLE {table} ({kinds})"))

    def add(self, table: str, *rows: dict[str, Any]) -> None:
        """Insert rows; a moment is ``HH:MM`` or ``HH:MM:SS`` of 4 November 2026, or has its day before that."""
        names = [name for name in self.tables[table] if any(name in row for row in rows)]
        insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES (:{', :'.join(names)})"
        values = [{name: _convert(name, row.get(name)) for name in names} for row in rows]
        with create_engine(self.warehouse.uri, poolclass=NullPool).begin() as connection:
            connection.execute(text(insert), values)

    def add_tries(self, *rows: dict[str, Any], table: str = "task_instance") -> None:
        self.add(table, *({**DEFAULTS, **row} for row in rows))

    def name_owners(self, owners: dict[str, str]) -> None:
        self.add("dag", *({"dag_id": dag_id, "owners": text} for dag_id, text in owners.items()))

    def tag(self, tags: dict[str, Iterable[str]]) -> None:
        self.add("dag_tag", *({"dag_id": dag_id, "name": name} for dag_id, names in tags.items() for name in names))

    def _get_kind(self, name: str) -> str:
        if name in NUMBERS:
            return "INTEGER"
        if name not in MOMENTS:
            return "TEXT"
        return "TIMESTAMP WITH TIME ZONE" if self.warehouse.dialect == "postgresql" else "TIMESTAMP"


DEFAULTS = {
    "dag_id": "load",
    "run_id": "a_run",
    "task_id": "a_task",
    "map_index": -1,
    "try_number": 1,
    "state": "success",
    "queued_dttm": None,
    "start_date": None,
    "end_date": None,
    "updated_at": None,
    "id": "an_id",
}


def _convert(name: str, value: Any) -> Any:
    """Return a moment as SQLite keeps it; PostgreSQL takes it as it is, for its sessions are in UTC in tests."""
    if value is None or name not in MOMENTS:
        return value
    day, _, time = value.rpartition(" ")
    if time.count(":") == 1:
        time += ":00"
    return f"{day or '2026-11-04'} {time}{'' if '.' in time else '.000000'}"


def add_worked_day(metadata: Metadata) -> None:
    """Add the tasks of the example in the docs, which is about 4 November 2026."""
    metadata.add_tries(
        {"try_number": 1, "state": "failed", "queued_dttm": "01:00", "start_date": "01:00:20", "end_date": "01:02"},
        table="task_instance_history" if "task_instance_history" in metadata.tables else "task_fail",
    )
    metadata.add_tries(
        {"try_number": 2, "queued_dttm": "01:05", "start_date": "01:05:15", "end_date": "01:08:15"},
        {"dag_id": "report", "queued_dttm": "02:30", "start_date": "02:00:10", "end_date": "02:30:50"},
        {
            "dag_id": "nightly",
            "queued_dttm": "2026-11-03 23:58",
            "start_date": "2026-11-03 23:58:30",
            "end_date": "00:01:40",
        },
        {"dag_id": "report", "task_id": "skipped", "state": "skipped", "start_date": "03:00", "end_date": "03:00"},
    )
