"""Makes the table and the view where they are missing, and checks that they are the ones that loads need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Date, Float, Numeric, Table, inspect
from sqlalchemy.engine import Engine
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.schema import CreateTable

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.records import FRACTION_DIGITS, WHOLE_DIGITS
from datacoves_usage_provider.warehouse.numbers import ExactNumeric
from datacoves_usage_provider.warehouse.tables import MONTHLY, select_usage_monthly


def prepare_schema(engine: Engine, daily: Table) -> None:
    """
    Create ``usage_daily`` and ``usage_monthly`` unless they exist; then no DDL is attempted.

    Raises ``UsageConfigError`` for one that lacks columns or keeps numbers in another type, and SQLAlchemy's errors.
    """
    with engine.begin() as connection:
        inspector = inspect(connection)
        if inspector.has_table(daily.name, schema=daily.schema):
            _check_columns(inspector, daily, daily.columns)
        else:
            connection.execute(CreateTable(daily))
        if inspector.has_table(MONTHLY, schema=daily.schema):
            _check_columns(inspector, daily, select_usage_monthly(daily).selected_columns, MONTHLY)
        else:
            connection.exec_driver_sql(make_view_ddl(engine, daily))


def make_view_ddl(engine: Engine, daily: Table) -> str:
    """Return ``CREATE VIEW usage_monthly`` in the words of the engine's database."""
    prefix = "" if daily.schema is None else f"{engine.dialect.identifier_preparer.quote_schema(daily.schema)}."
    query = select_usage_monthly(daily).compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True})
    return f"CREATE VIEW {prefix}{MONTHLY} AS\n{query}"


def _check_columns(inspector: Inspector, daily: Table, expected: Iterable[Any], name: str = "usage_daily") -> None:
    found = {column["name"]: column["type"] for column in inspector.get_columns(name, schema=daily.schema)}
    problems = [f"has no column {column.name}" for column in expected if column.name not in found]
    if not problems and name == daily.name:
        problems = [*_find_wrong_types(daily, found), *_find_wrong_key(inspector, daily)]
    if problems:
        raise UsageConfigError(
            f"{name} in the warehouse is not what usage is kept in: it {', '.join(problems)}. Rename it, or name "
            "another schema; nothing was changed."
        )


def _find_wrong_types(daily: Table, found: Mapping[str, Any]) -> Iterator[str]:
    for column in daily.columns:
        kind = found[column.name]
        if isinstance(column.type, ExactNumeric) and not _holds_decimals(kind):
            yield f"keeps {column.name} as {kind}, which would round it"
        if isinstance(column.type, Date) and not isinstance(kind, Date):
            yield f"keeps {column.name} as {kind}, not as a DATE"


def _find_wrong_key(inspector: Inspector, daily: Table) -> Iterator[str]:
    key = {column.name for column in daily.primary_key}
    if set(inspector.get_pk_constraint(daily.name, schema=daily.schema)["constrained_columns"]) != key:
        yield f"has another primary key than ({', '.join(column.name for column in daily.primary_key)})"


def _holds_decimals(kind: Any) -> bool:
    if not isinstance(kind, Numeric) or isinstance(kind, Float):
        return False
    if kind.precision is None:
        return True
    scale = kind.scale or 0
    return scale >= FRACTION_DIGITS and kind.precision - scale >= WHOLE_DIGITS
