"""Creates the tables and views that are missing, and checks that the others are the ones that loads need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import tenacity
from sqlalchemy import Table, inspect
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from datacoves_usage_provider.exceptions import DOCS, UsageConfigError
from datacoves_usage_provider.warehouse.checks import find_problems
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.dialects.database import Database, Relation
from datacoves_usage_provider.warehouse.views import View

_TRIES = 10


def find_missing(connection: Connection, expected: Iterable[Table | View]) -> list[Table | View]:
    """
    Return those of these tables and views that do not exist, and check all that do. All are of one schema.

    Raises SQLAlchemy's errors, and a ``UsageConfigError`` for a table or view that lacks a column, or has one of
    another type.
    """
    database = find_database(connection.dialect)
    by_name = {one.name: one for one in expected}
    schema = next(iter(by_name.values())).schema
    found = database.find_relations(connection, by_name, schema)
    missing = [one for name, one in by_name.items() if name not in found]
    places = {name: relation.schema for name, relation in found.items()}
    if missing and found:
        home = database.find_home(connection, schema)
        places |= {one.name: home for one in missing}
    _check_places(places)
    # In the order of what is expected: a view that lacks its table would hide what is wrong with the table.
    for name in filter(found.__contains__, by_name):
        _check(by_name[name], found[name], database)
    return missing


def create(engine: Engine, missing: Table | View) -> bool:
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


def make_ddl(dialect: Dialect, one: Table | View) -> list[str]:
    """Return ``CREATE VIEW``, or ``CREATE TABLE`` with a ``CREATE INDEX`` where the database has indexes."""
    if isinstance(one, View):
        return [one.make_ddl(dialect)]
    statements: list[DDLElement] = [CreateTable(one)]
    if find_database(dialect).has_indexes:
        # A table that was renamed keeps its index and the index's name; the new table then does without.
        statements += [CreateIndex(index, if_not_exists=True) for index in one.indexes]
    return [str(statement.compile(dialect=dialect)) for statement in statements]


def _check_places(places: Mapping[str, str | None]) -> None:
    """Raise a ``UsageConfigError`` if the schemas of what exists, and of what would be created, are not the same."""
    if len(set(places.values())) > 1:
        listed = ", ".join(f"{name} in {place!r}" for name, place in sorted(places.items()))
        raise UsageConfigError(
            "the usage tables and views must be in one schema, but with the search path of this connection they are, "
            f"or would be created, in several: {listed}. Name one schema in the operator's argument schema, and drop "
            "or move what is elsewhere. Nothing was created or loaded."
        )


def _may_pass(engine: Engine, error: BaseException) -> bool:
    database = find_database(engine.dialect)
    return isinstance(error, DBAPIError) and (database.is_race(error) or database.find_final_reason(error) is None)


def _check(expected: Table | View, found: Relation, database: Database) -> None:
    """Raise a ``UsageConfigError`` if the table or view of this name lacks what a load needs of it."""
    if problems := find_problems(expected, found, database):
        raise UsageConfigError(
            f"{expected.name} cannot hold usage: it {', '.join(problems)}. If an earlier version of this package made "
            f"it, see {DOCS}/operate.md#tables-of-an-earlier-version; otherwise rename it, or name another schema. "
            "Nothing was created or loaded."
        )
