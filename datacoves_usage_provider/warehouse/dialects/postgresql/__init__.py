"""PostgreSQL 12 or later, through psycopg 3 or psycopg2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, islice
from typing import Any

from sqlalchemy import Table, text, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.warehouse.dialects.errors import get_state
from datacoves_usage_provider.warehouse.dialects.postgresql import catalog, drivers, errors, relations
from datacoves_usage_provider.warehouse.dialects.postgresql.copy import allow_copy, copy_rows, may_copy
from datacoves_usage_provider.warehouse.dialects.postgresql.limits import (
    make_limits,
    make_read_limits,
    set_in_transactions,
)
from datacoves_usage_provider.warehouse.dialects.postgresql.questions import ask_nothing
from datacoves_usage_provider.warehouse.dialects.postgresql.staging import StagesRows
from datacoves_usage_provider.warehouse.dialects.rows import Row, Rows

_MANY = 100  # COPY is faster then, though it takes one more round trip


class PostgreSQL(StagesRows):
    is_tested = True
    gives_decimals = True
    find_relations = staticmethod(relations.find_relations)
    find_home = staticmethod(catalog.find_home)
    find_triggers = staticmethod(catalog.find_triggers)
    find_final_reason = staticmethod(errors.find_final_reason)
    find_passing_reason = staticmethod(errors.find_passing_reason)
    get_text = staticmethod(errors.get_text)
    make_plain = staticmethod(drivers.make_plain)
    interrupt = staticmethod(drivers.shut_down)

    def prepare_for_loads(self, engine: Engine) -> None:
        ask_nothing(engine)
        allow_copy(engine)
        # A load that waited for another must see what that one did, whatever the database's default isolation is.
        engine.update_execution_options(isolation_level="READ COMMITTED")
        set_in_transactions(engine, make_limits(self.max_wait_seconds))
        drivers.notice_closed_connections(engine)

    def prepare_for_reads(self, engine: Engine, seconds: int, wait_seconds: int) -> None:
        engine.update_execution_options(isolation_level="REPEATABLE READ")  # several statements see one state
        set_in_transactions(engine, make_read_limits(wait_seconds, seconds))

    def lock_table(self, connection: Connection, table: Table) -> None:
        name = connection.dialect.identifier_preparer.format_table(table)
        connection.execute(text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))

    def update_and_read(
        self,
        connection: Connection,
        table: Table,
        where: ColumnElement[bool],
        values: Mapping[str, Any],
        columns: Sequence[ColumnElement[Any]],
    ) -> list[Row]:
        statement = update(table).where(where).values(values).returning(*columns)
        return [tuple(row) for row in connection.execute(statement)]

    def insert_rows(
        self, connection: Connection, table: Table, common: Mapping[str, Any], columns: Sequence[str], rows: Rows
    ) -> None:
        remaining = iter(rows)
        first = list(islice(remaining, _MANY))
        if len(first) == _MANY:
            insert = copy_rows if may_copy(connection) else super().insert_rows
            insert(connection, table, common, columns, chain(first, remaining))
        elif first:
            self.insert_few(connection, table, common, columns, first)

    def is_race(self, error: DBAPIError) -> bool:
        return get_state(error) in ("42P07", "42710", "23505")  # the last: of the catalog's own keys
