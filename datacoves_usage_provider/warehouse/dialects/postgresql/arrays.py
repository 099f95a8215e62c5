"""Many rows as arguments of one statement of PostgreSQL: an array for each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import String, Table, Text, cast, column, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection

from datacoves_usage_provider.warehouse.dialects.joined_rows import JoinsRows
from datacoves_usage_provider.warehouse.dialects.rows import Joined, Row

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\""})


class UnnestsRows(JoinsRows):
    """Joins rows as arrays, which ``unnest`` makes rows of again."""

    joined_rows_at_once = 25_000  # each statement may have to look through all of the chunk's days

    def join_rows(self, table: Table, names: Sequence[str], rows: Sequence[Row]) -> Joined:
        return _unnest(table, names, rows)

    def insert_few(
        self, connection: Connection, table: Table, common: Mapping[str, Any], columns: Sequence[str], rows: list[Row]
    ) -> None:
        """Insert ``rows``, of which there is at least one, as ``insert_rows`` does, in one round trip."""
        values: Joined = {name: literal(value, table.c[name].type) for name, value in common.items()}
        values = {**values, **self.join_rows(table, columns, rows)}
        connection.execute(insert(table).from_select([*values], select(*values.values())))


def _unnest(table: Table, names: Sequence[str], rows: Sequence[Row]) -> Joined:
    """Return for each of ``names``, columns of ``table``, what stands for its value of each of ``rows`` in turn."""
    values = dict(zip(names, zip(*rows, strict=True), strict=True))
    texts = {name: {one: _write(one) for one in set(of_rows)} for name, of_rows in values.items()}  # most repeat
    # A value that all rows have is not sent for each; at least one column must tell how many rows there are.
    varying = [name for name in names if len(texts[name]) > 1] or names[:1]
    arrays = (f"{{{','.join(map(texts[name].__getitem__, values[name]))}}}" for name in varying)
    types = (_get_element_type(table, name) for name in varying)
    typed = [cast(literal(array, Text), ARRAY(type_)) for type_, array in zip(types, arrays, strict=True)]
    columns = (column(name, table.c[name].type) for name in varying)
    joined = func.unnest(*typed).table_valued(*columns).render_derived(name="wanted")
    return {name: joined.c[name] if name in varying else literal(values[name][0], table.c[name].type) for name in names}


def _get_element_type(table: Table, name: str) -> Any:
    """A cast to VARCHAR(n) would cut what is longer, which the column itself rejects."""
    type_ = table.c[name].type
    return Text() if isinstance(type_, String) else type_


def _write(value: Any) -> str:
    """Return ``value`` as an element of the text of an array, which costs less than a list of values."""
    return "NULL" if value is None else f'"{str(value).translate(_ESCAPES)}"'
