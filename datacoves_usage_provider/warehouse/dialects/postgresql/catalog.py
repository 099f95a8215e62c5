"""What PostgreSQL's catalog says of names, as statements would find them."""

from __future__ import annotations

from sqlalchemy import Table, text
from sqlalchemy.engine import Connection

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


def find_home(connection: Connection, schema: str | None) -> str | None:
    return schema or connection.execute(text("SELECT current_schema()")).scalar()


def find_triggers(connection: Connection, table: Table) -> list[str]:
    return list(connection.execute(_TRIGGERS, {"name": make_prefix(table.schema) + table.name}).scalars())


def make_prefix(schema: str | None) -> str:
    """Return what makes a name one of ``schema``."""
    return "" if schema is None else '"{}".'.format(schema.replace('"', '""'))
