"""The types of columns that PostgreSQL's catalog has, with which a load can work."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CHAR, Boolean, Date, Numeric, String, text
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeEngine, UserDefinedType

from datacoves_usage_provider.warehouse.dialects.postgresql.catalog import qualify

# A domain's own base, and so on, down to a type that is not a domain.
_TYPES = text("""
    WITH RECURSIVE base AS (
        SELECT attname, attnum, atttypid AS type, atttypmod AS modifier, attcollation AS sorting
        FROM pg_catalog.pg_attribute
        WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT attname, attnum, t.typbasetype, CASE WHEN modifier = -1 THEN t.typtypmod ELSE modifier END, sorting
        FROM base JOIN pg_catalog.pg_type AS t ON t.oid = base.type
        WHERE t.typtype = 'd'
    )
    SELECT attname, t.typname::text, modifier, format_type(t.oid, modifier), COALESCE(c.collisdeterministic, true)
    FROM base
    JOIN pg_catalog.pg_type AS t ON t.oid = base.type AND t.typtype <> 'd'
    LEFT JOIN pg_catalog.pg_collation AS c ON c.oid = base.sorting
    ORDER BY attnum
""")


class _OtherType(UserDefinedType[Any]):
    """A type that none of the columns may have, by its name."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


def find_types(connection: Connection, name: str, schema: str | None) -> dict[str, TypeEngine[Any]]:
    rows = connection.execute(_TYPES, {"name": qualify(name, schema)})
    return {column: _make_type(*found) for column, *found in rows}


def _make_type(name: str, modifier: int, words: str, is_deterministic: bool) -> TypeEngine[Any]:
    length = modifier - 4  # the modifier counts its own four bytes
    if name == "numeric":
        return Numeric() if modifier == -1 else Numeric(length >> 16 & 0xFFFF, length & 0x7FF)
    if name in {"varchar", "text"} and is_deterministic:
        return String()
    if name == "bpchar":
        return CHAR(length) if modifier != -1 else CHAR()
    if name in _PLAIN:
        return _PLAIN[name]()
    return _OtherType(words if is_deterministic else f"{words} with a nondeterministic collation")


_PLAIN: dict[str, type[TypeEngine[Any]]] = {"bool": Boolean, "date": Date}
