"""Many rows into a table of PostgreSQL by COPY, which is several times as fast as INSERT."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import Table, event
from sqlalchemy.engine import Connection, Engine

from datacoves_usage_provider.warehouse.dialects.postgresql.copy_text import write_rows
from datacoves_usage_provider.warehouse.dialects.rows import Rows, make_batches

_MAY_COPY = "usage_may_copy"
_IS_COPY = "usage_is_copy"


def allow_copy(engine: Engine) -> None:
    """Let ``copy_rows`` work on connections of ``engine``, if its driver is known."""
    if copy := _COPY.get(engine.dialect.driver):

        def run(cursor: Any, statement: str, parameters: tuple[_File], context: Any) -> bool:
            if not context.execution_options.get(_IS_COPY):
                return False
            copy(cursor, statement, *parameters)
            return True

        event.listen(engine, "do_execute", run)
        engine.update_execution_options(**{_MAY_COPY: True})


def may_copy(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(_MAY_COPY))


def copy_rows(
    connection: Connection, table: Table, common: Mapping[str, Any], columns: Sequence[str], rows: Rows
) -> None:
    """Copy ``rows`` as ``Database.insert_rows`` inserts them; the server takes in a batch while the next is written."""
    batches = make_batches(rows)
    if first := next(batches, None):
        texts = map(partial(write_rows, [*common.values()]), chain([first], batches))
        prepare = connection.dialect.identifier_preparer
        names = ", ".join(prepare.format_column(table.c[name]) for name in [*common, *columns])
        # The dialect doubles each % for statements with parameters. This one has none.
        statement = f"COPY {prepare.format_table(table)} ({names}) FROM STDIN".replace("%%", "%")
        connection.exec_driver_sql(statement, (_File(texts),), execution_options={_IS_COPY: True})


class _File:
    """
    ``texts`` as a file, which psycopg2 reads; it accepts a text that is longer than it asked for.

    Not an iterator: SQLAlchemy 1.4 would take that for the parameters of many statements.
    """

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts

    def read(self, _: int = -1) -> str:
        """Return the next text; after the last, an empty one."""
        return next(self._texts, "")


def _copy_psycopg(cursor: Any, statement: str, file: _File) -> None:
    with cursor.copy(statement) as copy:
        while text := file.read():
            copy.write(text)


def _copy_psycopg2(cursor: Any, statement: str, file: _File) -> None:
    cursor.copy_expert(statement, file)


_COPY: dict[str, Callable[[Any, str, _File], None]] = {"psycopg": _copy_psycopg, "psycopg2": _copy_psycopg2}
