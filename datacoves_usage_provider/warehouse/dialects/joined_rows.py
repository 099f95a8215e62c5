"""For databases where many rows can be changed by one statement that brings them along."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import Table, and_, delete, update
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.warehouse.dialects.database import Database, Row, Rows, make_batches

Joined = Mapping[str, ColumnElement[Any]]
"""By column, what stands in a statement for its value of each of the rows in turn."""


class JoinsRows(Database, ABC):
    """A database that can; ``join_rows`` says how."""

    joined_rows_at_once: ClassVar[int]

    @abstractmethod
    def join_rows(self, table: Table, names: Sequence[str], rows: Sequence[Row]) -> Joined:
        """Return ``rows``, which have values of the columns ``names`` of ``table``, for use in a statement."""

    def join_all(self, _: Connection, table: Table, names: Sequence[str], rows: Rows) -> Iterator[Joined]:
        """Yield ``rows`` as ``join_rows`` returns them, in as many batches as there must be statements."""
        return (self.join_rows(table, names, batch) for batch in make_batches(rows, self.joined_rows_at_once))

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
        for joined in self.join_all(connection, table, (*key, *columns), rows):
            values = {**common, **{name: joined[name] for name in columns}}
            connection.execute(update(table).where(where, _match(table, key, joined)).values(values))

    def delete_rows(
        self,
        connection: Connection,
        table: Table,
        where: ColumnElement[bool],
        key: Sequence[str],
        rows: Rows,
    ) -> None:
        for joined in self.join_all(connection, table, key, rows):
            connection.execute(delete(table).where(where, _match(table, key, joined)))


def _match(table: Table, key: Sequence[str], joined: Joined) -> ColumnElement[bool]:
    return and_(*(table.c[name] == joined[name] for name in key))
