"""Snowflake, as its documentation describes it: docs/operate.md says what was tested, and how."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from sqlalchemy import Table, cast, column, inspect, values
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.reflection import Inspector

from datacoves_usage_provider.warehouse.dialects.database import Database, Relation
from datacoves_usage_provider.warehouse.dialects.joined_rows import JoinsRows
from datacoves_usage_provider.warehouse.dialects.rows import Joined, Row
from datacoves_usage_provider.warehouse.dialects.snowflake_sessions import set_in_sessions


class Snowflake(JoinsRows):
    is_tested = True
    joined_rows_at_once = 1_000  # as text; Snowflake takes 1 MB of it, and 16,384 rows
    has_indexes = False
    final_states: ClassVar = {
        **Database.final_states,
        **dict.fromkeys(("02000", "42S02"), "the schema does not exist, or the user may not see it"),
    }

    def prepare_for_loads(self, engine: Engine) -> None:
        set_in_sessions(engine, f"LOCK_TIMEOUT = {self.max_wait_seconds}")

    def prepare_for_reads(self, engine: Engine, seconds: int, wait_seconds: int) -> None:
        limits = f"LOCK_TIMEOUT = {wait_seconds}, STATEMENT_TIMEOUT_IN_SECONDS = {seconds}"
        set_in_sessions(engine, f"{limits}, TIMEZONE = 'UTC'")

    def write_price(self, quantity: str, price: str, pricing_quantity: str) -> str:
        """
        Round to 18 decimals, as Snowflake documents for such numbers.

        fakesnow's DuckDB adds the scales of factors, of which 38 digits hold too little, and divides into doubles. So
        whole numbers and fractions are multiplied one by one, and the division is by what has only six decimals.
        """
        whole, fraction = f"FLOOR({quantity})", f"({quantity} - FLOOR({quantity}))"
        product = (
            f"{whole} * {price} + {fraction} * FLOOR({price}) + CAST(CAST({fraction} AS NUMERIC(18, 18)) "
            f"* CAST({price} - FLOOR({price}) AS NUMERIC(18, 18)) AS NUMERIC(38, 18))"
        )
        return f"CAST(({product}) * CAST(1 / {pricing_quantity} AS NUMERIC(7, 6)) AS NUMERIC(38, 18))"

    def find_relations(self, connection: Connection, names: Collection[str], schema: str | None) -> dict[str, Relation]:
        inspector = inspect(connection)
        tables = set(inspector.get_table_names(schema=schema))
        views = set(inspector.get_view_names(schema=schema))  # after that: another worker may be creating them
        listed = [name for name in names if name in tables | views]
        found = _inspect_together(inspector, listed, views, schema) if listed else {}
        rest = [name for name in names if name not in found]
        return found | (super().find_relations(connection, rest, schema) if rest else {})

    def join_rows(self, table: Table, names: Sequence[str], rows: Sequence[Row]) -> Joined:
        wanted = values(*(column(name, table.c[name].type) for name in names), name="wanted").data(rows)
        return {name: cast(wanted.c[name], table.c[name].type) for name in names}


def _inspect_together(
    inspector: Inspector, names: list[str], views: Collection[str], schema: str | None
) -> dict[str, Relation]:
    """Return what is found under ``names`` in few statements, which SQLAlchemy 1.4 cannot: there, nothing."""
    if not hasattr(inspector, "get_multi_columns"):
        return {}
    keys = inspector.get_multi_pk_constraint(schema=schema, filter_names=names)
    found = {}
    for place, columns in inspector.get_multi_columns(schema=schema, filter_names=names).items():
        name, types = place[1], {column["name"]: column["type"] for column in columns}
        kind = "view" if name in views else "table"
        found[name] = Relation(schema, kind, types, keys[place]["constrained_columns"])
    return found
