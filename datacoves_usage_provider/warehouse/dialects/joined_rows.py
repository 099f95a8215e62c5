"""For databases where many rows can be changed by one statement that brings them along."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from sqlalchemy import Table
from sqlalchemy.engine import Connection

from datacoves_usage_provider.warehouse.dialects.database import Database
from datacoves_usage_provider.warehouse.dialects.rows import Joined, Parameters, Row, Rows, make_batches


class JoinsRows(Database, ABC):
    """A database that can; ``join_rows`` says how."""

    joined_rows_at_once: ClassVar[int]

    @abstractmethod
    def join_rows(self, table: Table, names: Sequence[str], rows: Sequence[Row]) -> Joined:
        """Return ``rows``, which have values of the columns ``names`` of ``table``, for use in a statement."""

    def join_all(self, _: Connection, table: Table, names: Sequence[str], rows: Rows) -> Iterator[Joined]:
        """Yield ``rows`` as ``join_rows`` returns them, in as many batches as there must be statements."""
        return (self.join_rows(table, names, batch) for batch in make_batches(rows, self.joined_rows_at_once))

    def bring_rows(
        self, connection: Connection, table: Table, names: Sequence[str], rows: Rows
    ) -> Iterator[tuple[Joined, Parameters]]:
        return ((joined, ()) for joined in self.join_all(connection, table, names, rows))
