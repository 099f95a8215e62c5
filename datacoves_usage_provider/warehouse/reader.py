"""An Airflow SQL connection for people who look: it only reads, and never for long."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from datacoves_usage_provider.exceptions import UsageConfigError, WarehouseUnavailableError
from datacoves_usage_provider.warehouse.calls import Calls, OverdueError
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.engine import name_connection, open_engine
from datacoves_usage_provider.warehouse.explanation import find_passing_reason, in_one_line

T = TypeVar("T")

MAX_SECONDS = 10
"""For all statements of one call, the login included; that alone may take half of it."""


class WarehouseReader:
    """
    One ``schema`` (None: the session decides) of a warehouse, for reading.

    A call of ``read`` is one transaction that ends in time. On PostgreSQL and SQLite it sees one state of the tables,
    and the database lets it write nothing. Snowflake has neither such an isolation nor transactions that only read:
    each statement sees what was committed when it began, and only the user's rights and the statements, which are all
    SELECTs, keep it from writing. Its sessions limit each statement to ``seconds``; what all of them take is limited
    here, on any database.
    """

    def __init__(self, engine: Engine, schema: str | None, conn_id: str, seconds: int = MAX_SECONDS) -> None:
        self.schema = schema
        self._engine = engine
        self._subject = name_connection("Warehouse", conn_id)
        self._seconds = seconds
        self._database = find_database(engine.dialect)
        self._check_file()
        self._database.prepare_for_reads(engine, seconds, seconds)
        self._calls = Calls(engine, self._database, seconds)

    @classmethod
    def connect(cls, sql_conn_id: str, schema: str | None, seconds: int = MAX_SECONDS) -> WarehouseReader:
        """Return the reader of an Airflow connection; ``UsageConfigError`` if it cannot be one. Opens nothing."""
        return cls(open_engine(sql_conn_id), schema, sql_conn_id, seconds)

    def read(self, names: Collection[str], work: Callable[[Connection, frozenset[str]], T]) -> T:
        """
        Return what ``work`` returns; it gets those of the tables and views ``names`` that exist, too.

        Raises ``UsageConfigError`` if a setting must be mended, and ``WarehouseUnavailableError`` if waiting may help.
        """

        def run() -> T:
            with self._engine.connect() as connection:
                transaction = connection.begin()
                try:
                    found = self._database.find_relations(connection, names, self.schema)
                    return work(connection, frozenset(found))
                finally:
                    transaction.rollback()

        try:
            return self._calls.run(run)
        except DBAPIError as error:
            raise self._explain(error) from error
        except OverdueError as error:
            raise WarehouseUnavailableError(
                f"{self._subject}: {error}. Try again later; on the page, choose fewer days."
            ) from error

    def _check_file(self) -> None:
        if missing := self._database.find_missing_file(self._engine.url):
            raise UsageConfigError(
                f"{self._subject}: {missing}. A warehouse is created by the first task that collects."
            )

    def _explain(self, error: DBAPIError) -> Exception:
        said = in_one_line(self._database.get_text(error))
        if reason := self._database.find_final_reason(error):
            return UsageConfigError(f"{self._subject}: {reason} ({said}).")
        reason = find_passing_reason(error, self._database, self._seconds)
        return WarehouseUnavailableError(f"{self._subject}: {reason} ({said}). Try again later.")
