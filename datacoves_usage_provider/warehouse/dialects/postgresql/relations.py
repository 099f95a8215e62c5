"""All that loads need to know of tables and views, in one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeEngine

from datacoves_usage_provider.warehouse.dialects.database import Relation
from datacoves_usage_provider.warehouse.dialects.postgresql.catalog import make_prefix
from datacoves_usage_provider.warehouse.dialects.postgresql.column_types import make_type

_KINDS = {
    "r": "table",
    "p": "table",
    "f": "table",
    "v": "view",
    "m": "materialized view",
    "i": "index",
    "S": "sequence",
}
# A row for each column. Its type is that on which a domain is based, and so on, down to a type that is not a domain.
_COLUMNS = text("""
    WITH RECURSIVE relation AS (
        SELECT c.oid, c.relname, n.nspname, c.relkind
        FROM unnest(CAST(:names AS text[])) AS wanted (name)
        JOIN pg_catalog.pg_class AS c ON c.oid = to_regclass(CAST(:prefix AS text) || wanted.name)
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    ), base AS (
        SELECT attrelid, attname, attnum, atttypid AS type, atttypmod AS modifier, attcollation AS sorting
        FROM relation JOIN pg_catalog.pg_attribute ON attrelid = relation.oid
        WHERE attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT attrelid, attname, attnum, t.typbasetype,
            CASE WHEN modifier = -1 THEN t.typtypmod ELSE modifier END, sorting
        FROM base JOIN pg_catalog.pg_type AS t ON t.oid = base.type
        WHERE t.typtype = 'd'
    )
    SELECT relation.relname, relation.nspname, relation.relkind::text,
        ARRAY(
            SELECT a.attname::text FROM pg_catalog.pg_constraint AS key
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = key.conrelid AND a.attnum = ANY (key.conkey)
            WHERE key.conrelid = relation.oid AND key.contype = 'p'
        ),
        ARRAY(
            SELECT DISTINCT source.relname::text FROM pg_catalog.pg_rewrite AS rule
            JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = rule.oid
            JOIN pg_catalog.pg_class AS source ON d.refclassid = 'pg_class'::regclass AND source.oid = d.refobjid
            WHERE rule.ev_class = relation.oid
            AND source.oid = to_regclass(CAST(:prefix AS text) || quote_ident(source.relname))
        ),
        base.attname, t.typname::text, base.modifier, format_type(t.oid, base.modifier),
        COALESCE(c.collisdeterministic, true)
    FROM relation
    LEFT JOIN (base JOIN pg_catalog.pg_type AS t ON t.oid = base.type AND t.typtype <> 'd')
        ON base.attrelid = relation.oid
    LEFT JOIN pg_catalog.pg_collation AS c ON c.oid = base.sorting
    ORDER BY relation.oid, base.attnum
""")


def find_relations(connection: Connection, names: Collection[str], schema: str | None) -> dict[str, Relation]:
    rows = connection.execute(_COLUMNS, {"names": [*names], "prefix": make_prefix(schema)})
    return {
        name: Relation(found_in, _KINDS.get(kind, "type"), dict(_read_types(columns)), key, sources)
        for (name, found_in, kind, key, sources), columns in groupby(rows, itemgetter(slice(5)))
    }


def _read_types(columns: Iterable[Sequence[Any]]) -> Iterator[tuple[str, TypeEngine[Any]]]:
    for *_, name, type_name, modifier, words, is_deterministic in columns:
        if name is not None:  # as in a table without columns
            yield name, make_type(type_name, modifier, words, is_deterministic)
