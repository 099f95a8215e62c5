"""Makes the table and the view where they are missing, and checks that they are the ones that loads need."""

from __future__ import annotations

from sqlalchemy import Table, inspect
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.schema import CreateTable

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.tables import MONTHLY, select_usage_monthly


def prepare_schema(engine: Engine, daily: Table) -> None:
    """
    Create ``usage_daily`` and ``usage_monthly`` unless they exist; then no DDL is attempted.

    Raises ``UsageConfigError`` for a table that lacks columns, and SQLAlchemy's errors.
    """
    with engine.begin() as connection:
        if inspect(connection).has_table(daily.name, schema=daily.schema):
            _check_columns(connection, daily)
        else:
            connection.execute(CreateTable(daily))
        if not inspect(connection).has_table(MONTHLY, schema=daily.schema):
            connection.exec_driver_sql(make_view_ddl(engine, daily))


def make_view_ddl(engine: Engine, daily: Table) -> str:
    """Return ``CREATE VIEW usage_monthly`` in the words of the engine's database."""
    prefix = "" if daily.schema is None else f"{engine.dialect.identifier_preparer.quote_schema(daily.schema)}."
    query = select_usage_monthly(daily).compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True})
    return f"CREATE VIEW {prefix}{MONTHLY} AS\n{query}"


def _check_columns(connection: Connection, daily: Table) -> None:
    found = {column["name"] for column in inspect(connection).get_columns(daily.name, schema=daily.schema)}
    if missing := [column.name for column in daily.columns if column.name not in found]:
        raise UsageConfigError(
            f"The table {daily.fullname} of the warehouse is not the one that usage is kept in: it lacks the columns "
            f"{', '.join(missing)}. Rename that table, or name another schema; nothing was changed."
        )
