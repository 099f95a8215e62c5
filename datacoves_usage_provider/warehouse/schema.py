"""Makes the tables and the view where they are missing, and checks that they are the ones that loads need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import tenacity
from sqlalchemy import Date, Float, Numeric, Table, inspect
from sqlalchemy.engine import Engine
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement
from sqlalchemy.sql import Subquery
from sqlalchemy.types import TypeEngine

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.records import FRACTION_DIGITS, WHOLE_DIGITS
from datacoves_usage_provider.warehouse.failures import find_final_reason
from datacoves_usage_provider.warehouse.monthly_view import MONTHLY, make_view_ddl, select_usage_monthly
from datacoves_usage_provider.warehouse.numbers import ExactNumeric
from datacoves_usage_provider.warehouse.tables import UsageTables

_TRIES = 10


def prepare_schema(engine: Engine, tables: UsageTables) -> None:
    """
    Create the tables and the view ``usage_monthly`` unless they exist; then no DDL is attempted.

    Several workers may do this at once. Raises ``UsageConfigError`` for one that lacks columns or keeps numbers in
    another type, and SQLAlchemy's errors.
    """
    schema = tables.daily.schema
    view = select_usage_monthly(tables.daily).subquery(MONTHLY)
    for missing in _find_missing(engine, (*tables.all, view), schema):
        ddl = make_table_ddl(engine, missing) if isinstance(missing, Table) else [make_view_ddl(engine, tables.daily)]
        _create(engine, missing.name, schema, ddl)


def make_table_ddl(engine: Engine, table: Table) -> list[str]:
    """Return ``CREATE TABLE`` and, except for Snowflake, whose tables have none, ``CREATE INDEX``."""
    statements: list[DDLElement] = [CreateTable(table)]
    if engine.dialect.name != "snowflake":
        # A table that was renamed keeps its index, name and all; the new one then does without.
        statements += [CreateIndex(index, if_not_exists=True) for index in table.indexes]
    return [str(statement.compile(dialect=engine.dialect)) for statement in statements]


def _find_missing(engine: Engine, expected: Iterable[Table | Subquery], schema: str | None) -> list[Table | Subquery]:
    """Return what does not exist yet; what exists is checked, all of it."""
    missing = []
    with engine.connect() as connection:
        inspector = inspect(connection)
        for one in expected:
            if inspector.has_table(one.name, schema=schema):
                _check_columns(inspector, one, schema)
            else:
                missing.append(one)
    return missing


def _create(engine: Engine, name: str, schema: str | None, ddl: Iterable[str]) -> None:
    """Run ``ddl`` unless another worker was faster; when it fails because one is at it, look and try again."""
    for attempt in tenacity.Retrying(
        retry=tenacity.retry_if_exception(_may_pass),
        stop=tenacity.stop_after_attempt(_TRIES),
        wait=tenacity.wait_random(0.05, 0.5),
        reraise=True,
    ):
        with attempt, engine.begin() as connection:
            if not inspect(connection).has_table(name, schema=schema):
                for statement in ddl:
                    connection.exec_driver_sql(statement)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and find_final_reason(error) is None


def _check_columns(inspector: Inspector, expected: Table | Subquery, schema: str | None) -> None:
    """Raise a ``UsageConfigError`` if the table or view of this name lacks what a load needs of it."""
    found = {column["name"]: column["type"] for column in inspector.get_columns(expected.name, schema=schema)}
    problems = [f"has no column {column.name}" for column in expected.columns if column.name not in found]
    if not problems and isinstance(expected, Table):
        problems = [*_find_wrong_types(expected, found), *_find_wrong_key(inspector, expected)]
    if problems:
        raise UsageConfigError(
            f"{expected.name} in the warehouse is not what usage is kept in: it {', '.join(problems)}. If an earlier "
            'version of this package made it, mend that: docs/upgrading.md, "Tables of an earlier version"; else '
            "rename it, or name another schema. Nothing was changed."
        )


def _find_wrong_types(table: Table, found: Mapping[str, TypeEngine[Any]]) -> Iterator[str]:
    for column in table.columns:
        kind = found[column.name]
        if isinstance(column.type, ExactNumeric) and not _holds_decimals(kind):
            yield f"keeps {column.name} as {kind}, which would round it"
        if isinstance(column.type, Date) and not isinstance(kind, Date):
            yield f"keeps {column.name} as {kind}, not as a DATE"


def _find_wrong_key(inspector: Inspector, table: Table) -> Iterator[str]:
    key = [column.name for column in table.primary_key]
    found = inspector.get_pk_constraint(table.name, schema=table.schema)["constrained_columns"]
    if key and set(found) != set(key):
        yield f"has another primary key than ({', '.join(key)})"


def _holds_decimals(kind: TypeEngine[Any]) -> bool:
    if not isinstance(kind, Numeric) or isinstance(kind, Float):
        return False
    if kind.precision is None:
        return True
    scale = kind.scale or 0
    return scale >= FRACTION_DIGITS and kind.precision - scale >= WHOLE_DIGITS
