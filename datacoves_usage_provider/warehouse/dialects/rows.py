"""Many rows at once: how they are inserted, updated and deleted on a database that is not known here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, insert, update
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

Row = tuple[Any, ...]
Rows = Iterable[Row]
Joined = Mapping[str, ColumnElement[Any]]
"""By column, what stands in a statement for its value of each of the rows in turn."""
Parameters = tuple[list[dict[str, Any]], ...]
"""What the statement is executed with: a list, or nothing where the rows are in the statement itself."""

_ROWS_AT_ONCE = 5_000


class WritesRows:
    """Inserts, updates and deletes rows; ``bring_rows`` says how a statement gets their values."""

    def insert_rows(
        self, connection: Connection, table: Table, common: Mapping[str, Any], columns: Sequence[str], rows: Rows
    ) -> None:
        """Insert ``rows``, which have values of ``columns``, each with the values ``common`` to all of them."""
        for batch in make_batches(rows):
            connection.execute(insert(table), [{**common, **dict(zip(columns, row, strict=True))} for row in batch])

    def update_rows(
        self,
        connection: Connection,
        table: Table,
        where: ColumnElement[bool],
        common: Mapping[str, Any],
        key: Sequence[str],
        columns: Sequence[str],
        rows: Rows,
    ) -> None:
        """
        Change the rows of ``table`` that ``where`` holds for and that agree in ``key`` with one of ``rows``.

        ``rows`` have values of ``key`` and then of ``columns``, which are set, as are those of ``common``.
        """
        for joined, parameters in self.bring_rows(connection, table, (*key, *columns), rows):
            values = {**common, **{name: joined[name] for name in columns}}
            connection.execute(update(table).where(where, _match(table, key, joined)).values(values), *parameters)

    def delete_rows(
        self,
        connection: Connection,
        table: Table,
        where: ColumnElement[bool],
        key: Sequence[str],
        rows: Rows,
    ) -> None:
        """Delete the rows of ``table`` that ``where`` holds for and that agree in ``key`` with one of ``rows``."""
        for joined, parameters in self.bring_rows(connection, table, key, rows):
            connection.execute(delete(table).where(where, _match(table, key, joined)), *parameters)

    def bring_rows(
        self, _: Connection, table: Table, names: Sequence[str], rows: Rows
    ) -> Iterator[tuple[Joined, Parameters]]:
        """Yield ``rows``, which have values of the columns ``names`` of ``table``, for a statement each time."""
        # A parameter must not have the name of a column that the statement sets.
        parameters = {name: f"row_{name}" for name in names}
        joined = {name: bindparam(parameters[name], type_=table.c[name].type) for name in names}
        for batch in make_batches(rows):
            yield joined, ([dict(zip(parameters.values(), row, strict=True)) for row in batch],)


def make_batches(rows: Rows, size: int = _ROWS_AT_ONCE) -> Iterator[list[Row]]:
    """Yield ``rows`` in lists that are small beside a chunk."""
    remaining = iter(rows)
    return iter(lambda: list(islice(remaining, size)), [])


def _match(table: Table, key: Sequence[str], joined: Joined) -> ColumnElement[bool]:
    return and_(*(table.c[name] == joined[name] for name in key))
