"""All that loads need to know of SQLite's tables and views, in one statement."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Numeric, String
from sqlalchemy.dialects.sqlite.base import ischema_names
from sqlalchemy.engine import Connection
from sqlalchemy.types import INTEGER, NUMERIC, REAL, TEXT, NullType, TypeEngine

from datacoves_usage_provider.warehouse.dialects.database import Relation

_COLUMNS = """
    SELECT relation.name, relation.type, relation.sql, item.name, item.type, item.pk
    FROM {schema}.sqlite_master AS relation JOIN pragma_table_info(relation.name, ?) AS item
    WHERE relation.type IN ('table', 'view') AND relation.name IN ({names})
    ORDER BY relation.name
"""
_WORD = re.compile(r"\w+")
# Rules 1 to 5 of "Determination Of Column Affinity" (https://www.sqlite.org/datatype3.html), in this order.
_AFFINITIES: tuple[tuple[str, type[TypeEngine[Any]]], ...] = (
    ("INT", INTEGER),
    ("CHAR|CLOB|TEXT", TEXT),
    ("BLOB|^$", NullType),
    ("REAL|FLOA|DOUB", REAL),
    ("", NUMERIC),
)


def find_relations(connection: Connection, names: Collection[str], schema: str | None) -> dict[str, Relation]:
    quoted = connection.dialect.identifier_preparer.quote_schema(schema or "main")
    select = _COLUMNS.format(schema=quoted, names=", ".join("?" * len(names)))
    rows = connection.exec_driver_sql(select, (schema or "main", *names))
    found = {}
    for (name, kind, sql), group in groupby(rows, itemgetter(slice(3))):
        columns = [tuple(row[3:]) for row in group]
        types = {column: make_type(declared) for column, declared, _ in columns}
        # SQLite keeps the statement of a view, and writes a table's new name into it where the table is renamed.
        sources = _WORD.findall(sql) if kind == "view" else ()
        found[name] = Relation(schema, kind, types, [column for column, _, place in columns if place], sources)
    return found


def make_type(declared: str) -> TypeEngine[Any]:
    """Return what SQLite makes of the type of a column as it was declared."""
    name, *numbers = re.findall(r"[\w ]*\w", declared.upper()) or [""]
    kind: Any = ischema_names.get(name) or next(kind for words, kind in _AFFINITIES if re.search(words, name))
    made: TypeEngine[Any] = kind(*map(int, numbers)) if issubclass(kind, (Numeric, String)) else kind()
    return made
