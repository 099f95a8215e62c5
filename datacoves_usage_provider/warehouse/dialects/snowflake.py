"""Snowflake, as its documentation describes it: docs/warehouses.md says what was tested, and how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, ClassVar

from sqlalchemy import Table, cast, column, event, values
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.warehouse.dialects.database import Database, Row, make_batches
from datacoves_usage_provider.warehouse.dialects.joined_rows import Joined, make_delete, make_update

_JOINED_ROWS_AT_ONCE = 1_000  # as text; Snowflake takes 1 MB of it, and 16,384 rows


class Snowflake(Database):
    is_tested = True
    has_indexes = False
    final_states: ClassVar = {
        **Database.final_states,
        **dict.fromkeys(("02000", "42S02"), "the schema does not exist, or the user may not see it"),
    }

    def prepare_for_loads(self, engine: Engine) -> None:
        # ABORT_DETACHED_QUERY: otherwise a statement whose client is gone is finished before its transaction ends.
        limits = f"ALTER SESSION SET LOCK_TIMEOUT = {self.max_wait_seconds}, ABORT_DETACHED_QUERY = TRUE"

        def prepare(connection: Any, _: Any) -> None:
            # Dialects before 1.7.2 leave autocommit on when a hook opens the connection; a load is one transaction.
            connection.autocommit(False)
            with closing(connection.cursor()) as cursor:
                cursor.execute(limits)

        event.listen(engine, "connect", prepare)

    def update_rows(
        self,
        connection: Connection,
        table: Table,
        where: ColumnElement[bool],
        common: Mapping[str, Any],
        key: Sequence[str],
        columns: Sequence[str],
        rows: Iterable[Row],
    ) -> None:
        for joined in _join_rows(table, (*key, *columns), rows):
            connection.execute(make_update(table, where, common, key, columns, joined))

    def delete_rows(
        self,
        connection: Connection,
        table: Table,
        where: ColumnElement[bool],
        key: Sequence[str],
        rows: Iterable[Row],
    ) -> None:
        for joined in _join_rows(table, key, rows):
            connection.execute(make_delete(table, where, key, joined))


def _join_rows(table: Table, names: Sequence[str], rows: Iterable[Row]) -> Iterator[Joined]:
    """Yield ``rows`` in the words of statements, of which each takes its time, however little it does."""
    columns = [column(name, table.c[name].type) for name in names]
    for batch in make_batches(rows, _JOINED_ROWS_AT_ONCE):
        wanted = values(*columns, name="wanted").data(batch)
        yield {name: cast(wanted.c[name], table.c[name].type) for name in names}
