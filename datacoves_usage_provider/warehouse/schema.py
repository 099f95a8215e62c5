"""Creates the tables and views that are missing, and checks that the others are the ones that loads need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import tenacity
from sqlalchemy import Table, inspect
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.checks import find_problems
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.tables import UsageTables
from datacoves_usage_provider.warehouse.views import View, make_views

_TRIES = 10


def create_missing(engine: Engine, tables: UsageTables) -> Iterator[str]:
    """
    Check what exists of the tables and their views, create the rest one by one, and yield the name of each one created.

    No DDL is attempted if all exist. Several workers may do this at once. Raises SQLAlchemy's errors, and, before
    anything is created, a ``UsageConfigError`` for a table or view that lacks a column, or has one of another type.
    """
    for missing in _find_missing(engine, (*tables.all, *make_views(tables))):
        if _create(engine, missing):
            yield missing.name


def make_ddl(dialect: Dialect, one: Table | View) -> list[str]:
    """Return ``CREATE VIEW``, or ``CREATE TABLE`` with a ``CREATE INDEX`` where the database has indexes."""
    if isinstance(one, View):
        return [one.make_ddl(dialect)]
    statements: list[DDLElement] = [CreateTable(one)]
    if find_database(dialect).has_indexes:
        # A table that was renamed keeps its index and the index's name; the new table then does without.
        statements += [CreateIndex(index, if_not_exists=True) for index in one.indexes]
    return [str(statement.compile(dialect=dialect)) for statement in statements]


def _find_missing(engine: Engine, expected: Iterable[Table | View]) -> list[Table | View]:
    """Return what does not exist yet, and check all that does."""
    missing = []
    with engine.connect() as connection:
        inspector = inspect(connection)
        for one in expected:
            if inspector.has_table(one.name, schema=one.schema):
                _check(inspector, one)
            else:
                missing.append(one)
    return missing


def _create(engine: Engine, missing: Table | View) -> bool:
    """
    Create it unless another worker was faster; tell whether this call did.

    An error may mean that another worker is creating it at the moment, so look and try again.
    """
    seconds = find_database(engine.dialect).max_wait_seconds
    for attempt in tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: _may_pass(engine, error)),
        stop=tenacity.stop_after_attempt(_TRIES) | tenacity.stop_after_delay(seconds),
        wait=tenacity.wait_random(0.05, 0.5),
        reraise=True,
    ):
        with attempt, engine.begin() as connection:
            if inspect(connection).has_table(missing.name, schema=missing.schema):
                return False
            for statement in make_ddl(engine.dialect, missing):
                connection.exec_driver_sql(statement)
    return True


def _may_pass(engine: Engine, error: BaseException) -> bool:
    database = find_database(engine.dialect)
    return isinstance(error, DBAPIError) and (database.is_race(error) or database.find_final_reason(error) is None)


def _check(inspector: Inspector, expected: Table | View) -> None:
    """Raise a ``UsageConfigError`` if the table or view of this name lacks what a load needs of it."""
    if problems := find_problems(inspector, expected):
        raise UsageConfigError(
            f"{expected.name} in the warehouse cannot serve for usage: it {', '.join(problems)}. If an earlier version "
            'of this package made it, see docs/upgrading.md, "Tables of an earlier version"; otherwise rename it, or '
            "name another schema. Nothing was created or loaded."
        )
