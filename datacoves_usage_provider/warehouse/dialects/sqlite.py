"""SQLite, for a single machine: no decimals, no SQLSTATEs, and a whole file is locked."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Table, event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from datacoves_usage_provider.text import shorten
from datacoves_usage_provider.warehouse.dialects.database import Database
from datacoves_usage_provider.warehouse.dialects.sqlite_numbers import ExactSum, SQLiteNumber, round_to_sqlite
from datacoves_usage_provider.warehouse.dialects.sqlite_relations import find_relations

_SHOWN_OF_PATH = 300
_FINAL_MESSAGES = {
    "readonly database": "the database file, or its folder, is read-only",
    "unable to open database file": "the database file cannot be opened",
    "file is not a database": "the file is not a SQLite database",
    "unknown database": "the schema does not exist",
    ".sqlite_master": "the schema does not exist",
    "already an index named": "an index has the name of one of the usage tables",
    "no such": "a table or column is missing, of this package or of what a trigger of yours does",
}


class SQLite(Database):
    is_tested = True
    exact_number = SQLiteNumber()
    pads_char = False
    find_relations = staticmethod(find_relations)

    def find_obstacle(self, url: URL) -> str | None:
        if url.database not in (None, "", ":memory:"):
            return None
        return "a SQLite database in memory, which ends with its connection. Put a file's path into its host field."

    def find_missing_file(self, url: URL) -> str | None:
        path = url.database or ""
        shown = f"'{shorten(path, _SHOWN_OF_PATH)}'"
        try:
            return None if Path(path).is_file() else f"there is no SQLite file {shown}"
        except OSError as error:  # one of its folders may not be entered, or its name is too long
            return f"the SQLite file {shown} cannot be looked up ({error.strerror})"

    def prepare_for_loads(self, engine: Engine) -> None:
        limit = f"PRAGMA busy_timeout = {self.max_wait_seconds * 1000}"
        event.listen(engine, "connect", lambda connection, _: connection.execute(limit))
        super().prepare_for_loads(engine)  # a connection serves only one thread; to open a file is no login

    def prepare_for_reads(self, engine: Engine, seconds: int, wait_seconds: int) -> None:
        def prepare(connection: Any, _: Any) -> None:
            connection.execute(f"PRAGMA busy_timeout = {wait_seconds * 1000}")
            connection.execute("PRAGMA query_only = ON")
            connection.create_aggregate("sum", 1, ExactSum)  # SQLite's own adds up doubles one by one

        event.listen(engine, "connect", prepare)
        # Python's driver begins a transaction only before it writes, so each SELECT would see a state of its own.
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))

    def find_triggers(self, connection: Connection, table: Table) -> list[str]:
        master = f"{connection.dialect.identifier_preparer.quote_schema(table.schema or 'main')}.sqlite_master"
        statement = f"SELECT name FROM {master} WHERE type = 'trigger' AND tbl_name = ? ORDER BY name"  # noqa: S608
        return list(connection.exec_driver_sql(statement, (table.name,)).scalars())

    def round_number(self, number: Decimal) -> Decimal:
        return round_to_sqlite(number)

    def interrupt(self, connection: Any) -> None:
        connection.interrupt()

    def find_final_reason(self, error: DBAPIError) -> str | None:
        found = [reason for message, reason in _FINAL_MESSAGES.items() if message in str(error.orig)]
        return found[0] if found else super().find_final_reason(error)

    def find_passing_reason(self, error: DBAPIError) -> str | None:
        return "another program keeps the file locked" if "is locked" in str(error.orig) else None
