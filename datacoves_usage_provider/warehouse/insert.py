"""Many rows into a table, by the fastest way that its database has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from io import StringIO
from itertools import islice
from typing import Any

from sqlalchemy import Table, event, insert
from sqlalchemy.engine import Connection, Engine

_ROWS_AT_ONCE = 5_000
_MAY_COPY = "usage_may_copy"
_IS_COPY = "usage_is_copy"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def allow_copy(engine: Engine) -> None:
    """Let ``insert_rows`` use PostgreSQL's COPY on connections of ``engine``, where its driver is known."""
    if copy := _COPY.get(engine.dialect.driver):

        def run(cursor: Any, statement: str, parameters: tuple[str], context: Any) -> bool:
            if not context.execution_options.get(_IS_COPY):
                return False
            copy(cursor, statement, *parameters)
            return True

        event.listen(engine, "do_execute", run)
        engine.update_execution_options(**{_MAY_COPY: True})


def insert_rows(
    connection: Connection,
    table: Table,
    common: Mapping[str, Any],
    columns: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
) -> None:
    """Insert ``rows``, which have values of ``columns``, each with what is ``common`` to all of them."""
    insert_batch = _copy_batch if connection.get_execution_options().get(_MAY_COPY) else _insert_batch
    remaining = iter(rows)
    while batch := list(islice(remaining, _ROWS_AT_ONCE)):
        insert_batch(connection, table, common, columns, batch)


def _insert_batch(
    connection: Connection,
    table: Table,
    common: Mapping[str, Any],
    columns: Sequence[str],
    batch: list[tuple[Any, ...]],
) -> None:
    connection.execute(insert(table), [{**common, **dict(zip(columns, row, strict=True))} for row in batch])


def _copy_batch(
    connection: Connection,
    table: Table,
    common: Mapping[str, Any],
    columns: Sequence[str],
    batch: list[tuple[Any, ...]],
) -> None:
    prepare = connection.dialect.identifier_preparer
    names = ", ".join(prepare.format_column(table.c[name]) for name in (*common, *columns))
    first = _join(common.values())
    text = "".join([f"{first}\t{_join(row)}\n" for row in batch])
    connection.exec_driver_sql(
        f"COPY {prepare.format_table(table)} ({names}) FROM STDIN", (text,), execution_options={_IS_COPY: True}
    )


def _join(values: Iterable[Any]) -> str:
    """Return ``values`` as COPY's text format has them: tabs between them, a backslash before what would mislead."""
    return "\t".join(
        [
            value.translate(_ESCAPES) if value.__class__ is str else r"\N" if value is None else str(value)
            for value in values
        ]
    )


def _copy_psycopg(cursor: Any, statement: str, text: str) -> None:
    with cursor.copy(statement) as copy:
        copy.write(text)


def _copy_psycopg2(cursor: Any, statement: str, text: str) -> None:
    cursor.copy_expert(statement, StringIO(text))


_COPY: dict[str, Callable[[Any, str, str], None]] = {
    "psycopg": _copy_psycopg,
    "psycopg2": _copy_psycopg2,
}
