"""What PostgreSQL's catalog says of names, as statements would find them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table, text
from sqlalchemy.engine import Connection

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
# Of partitions, too. Those of constraints change nothing, but may refuse.
_TRIGGERS = text("""
    SELECT DISTINCT name FROM (
        SELECT tgname::text AS name, tgrelid AS relation FROM pg_catalog.pg_trigger WHERE NOT tgisinternal
        UNION ALL
        SELECT rulename::text, ev_class FROM pg_catalog.pg_rewrite WHERE ev_type <> '1'
    ) AS found
    WHERE relation IN (SELECT relid FROM pg_partition_tree(to_regclass(:name)) UNION ALL SELECT to_regclass(:name))
    ORDER BY name
""")


def find_relations(connection: Connection, names: Iterable[str], schema: str | None) -> dict[str, Relation]:
    rows = connection.execute(_RELATIONS, {"names": [qualify(name, schema) for name in names]})
    return {name: Relation(found_in, _KINDS.get(kind, "type")) for name, found_in, kind in rows}


def find_home(connection: Connection, schema: str | None) -> str | None:
    return schema or connection.execute(text("SELECT current_schema()")).scalar()


def shows(connection: Connection, view: str, table: str, schema: str | None) -> bool:
    names = {"view": qualify(view, schema), "table": qualify(table, schema)}
    return bool(connection.execute(_SHOWS, names).scalar())


def find_triggers(connection: Connection, table: Table) -> list[str]:
    return list(connection.execute(_TRIGGERS, {"name": qualify(table.name, table.schema)}).scalars())


def qualify(name: str, schema: str | None) -> str:
    return name if schema is None else '"{}".{}'.format(schema.replace('"', '""'), name)
