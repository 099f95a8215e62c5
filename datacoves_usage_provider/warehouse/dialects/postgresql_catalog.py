"""What PostgreSQL's catalog says of names and types, as statements would find them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CHAR, Boolean, Date, Numeric, String, Table, text
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeEngine, UserDefinedType

from datacoves_usage_provider.warehouse.dialects.database import Relation

_KINDS = {
    "r": "table",
    "p": "table",
    "f": "table",
    "v": "view",
    "m": "materialized view",
    "i": "index",
    "S": "sequence",
}
_RELATIONS = text("""
    SELECT c.relname, n.nspname, c.relkind::text
    FROM unnest(CAST(:names AS text[])) AS wanted (name)
    JOIN pg_catalog.pg_class AS c ON c.oid = to_regclass(wanted.name)
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
""")
_SHOWS = text("""
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_rewrite AS rule
        JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = rule.oid
        WHERE rule.ev_class = to_regclass(:view)
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass(:table)
    )
""")
# Of partitions, too. Those of constraints change nothing, but may reject.
_TRIGGERS = text("""
    SELECT DISTINCT name FROM (
        SELECT tgname::text AS name, tgrelid AS relation FROM pg_catalog.pg_trigger WHERE NOT tgisinternal
        UNION ALL
        SELECT rulename::text, ev_class FROM pg_catalog.pg_rewrite WHERE ev_type <> '1'
    ) AS found
    WHERE relation IN (SELECT relid FROM pg_partition_tree(to_regclass(:name)) UNION ALL SELECT to_regclass(:name))
    ORDER BY name
""")
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


def find_relations(connection: Connection, names: Iterable[str], schema: str | None) -> dict[str, Relation]:
    rows = connection.execute(_RELATIONS, {"names": [_qualify(name, schema) for name in names]})
    return {name: Relation(found_in, _KINDS.get(kind, "type")) for name, found_in, kind in rows}


def find_home(connection: Connection, schema: str | None) -> str | None:
    return schema or connection.execute(text("SELECT current_schema()")).scalar()


def shows(connection: Connection, view: str, table: str, schema: str | None) -> bool:
    names = {"view": _qualify(view, schema), "table": _qualify(table, schema)}
    return bool(connection.execute(_SHOWS, names).scalar())


def find_triggers(connection: Connection, table: Table) -> list[str]:
    return list(connection.execute(_TRIGGERS, {"name": _qualify(table.name, table.schema)}).scalars())


def find_types(connection: Connection, name: str, schema: str | None) -> dict[str, TypeEngine[Any]]:
    rows = connection.execute(_TYPES, {"name": _qualify(name, schema)})
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


def _qualify(name: str, schema: str | None) -> str:
    return name if schema is None else '"{}".{}'.format(schema.replace('"', '""'), name)
