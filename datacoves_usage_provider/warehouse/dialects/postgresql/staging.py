"""Very many rows for one statement of PostgreSQL: COPY brings them into a temporary table, which it then joins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from datacoves_usage_provider.warehouse.dialects.postgresql.arrays import UnnestsRows
from datacoves_usage_provider.warehouse.dialects.postgresql.copy import copy_rows, may_copy
from datacoves_usage_provider.warehouse.dialects.rows import Joined, Rows

_MANY = 5_000  # for fewer, arrays are as fast, and leave no dead rows in the catalog
_NAME = "usage_wanted"


class StagesRows(UnnestsRows):
    """Joins very many rows as a table, if the role may make a temporary one; otherwise, and fewer rows, as arrays."""

    def join_all(self, connection: Connection, table: Table, names: Sequence[str], rows: Rows) -> Iterator[Joined]:
        remaining = iter(rows)
        first = list(islice(remaining, _MANY))
        rows = chain(first, remaining)
        if len(first) == _MANY and may_copy(connection) and _make_stage(connection, table, names):
            return _stage(connection, table, names, rows)
        return super().join_all(connection, table, names, rows)


def _make_stage(connection: Connection, table: Table, names: Sequence[str]) -> bool:
    """Make the temporary table for columns of ``table``; tell whether the database allowed it."""
    prepare = connection.dialect.identifier_preparer
    columns = ", ".join(prepare.format_column(table.c[name]) for name in names)
    selected = f"SELECT {columns} FROM {prepare.format_table(table)}"  # noqa: S608
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {_NAME} ON COMMIT DROP AS {selected} WITH NO DATA")
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return False
    return True


def _stage(connection: Connection, table: Table, names: Sequence[str], rows: Rows) -> Iterator[Joined]:
    staged = Table(_NAME, MetaData(), *(Column(name, table.c[name].type) for name in names), schema="pg_temp")
    copy_rows(connection, staged, {}, names, rows)
    yield {name: staged.c[name] for name in names}
    staged.drop(connection)
