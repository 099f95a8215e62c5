"""An Airflow SQL connection, prepared for loads: what the tables of usage, cost and allocation have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar
from weakref import finalize

from sqlalchemy import Table
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, StatementError

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.exceptions import DOCS, UsageConfigError, UsageError, WarehouseUnavailableError
from datacoves_usage_provider.text import shorten
from datacoves_usage_provider.warehouse.account import AccountNotKeptError, lock_account
from datacoves_usage_provider.warehouse.calls import Calls, OverdueError
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.dialects.errors import NOT_ACCEPTED
from datacoves_usage_provider.warehouse.engine import KEPT, name_connection, open_engine, open_source
from datacoves_usage_provider.warehouse.explanation import explain, in_one_line, say_retry
from datacoves_usage_provider.warehouse.schema import create, find_missing
from datacoves_usage_provider.warehouse.tables import UsageTables, make_tables
from datacoves_usage_provider.warehouse.views import View

Self = TypeVar("Self", bound="WarehouseSession")
T = TypeVar("T")


class DatabaseSession:
    """
    Runs work on the database of one Airflow connection; errors begin with ``subject``, which names it.

    Errors of the database that no retry can mend are a ``UsageConfigError``, which says what holds in spite of it;
    others are a ``WarehouseUnavailableError``.

    Its connection may be kept from one call to the next, without a transaction. ``close`` closes it, as does the end of
    the object.
    """

    _read_seconds: int | None = None
    """How long a statement may take where none of them writes."""

    def __init__(self, engine: Engine, subject: str) -> None:
        self.subject = subject
        self._engine = engine
        self._database = find_database(engine.dialect)
        self._calls = Calls(engine, self._database)
        self._finalizer = finalize(self, self._calls.close)

    def close(self) -> None:
        self._finalizer()

    def run_in_transaction(self, work: Callable[[Connection], T], say_what_holds: Callable[[], str]) -> T:
        """Return what ``work`` returns; all that it writes is kept, or nothing."""

        def run() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        return self.run(run, say_what_holds)

    def run(self, work: Callable[[], T], say_what_holds: Callable[[], str]) -> T:
        """Return what ``work`` returns; errors are those of this class, and say what holds in spite of them."""
        with self._explaining(say_what_holds):
            return self._calls.run(work)

    @contextmanager
    def _explaining(self, say_what_holds: Callable[[], str]) -> Iterator[None]:
        """Raise an error that a user can act on in place of SQLAlchemy's, where there is one."""
        try:
            yield
        except DBAPIError as error:
            raise explain(error, self._database, self.subject, say_what_holds(), self._read_seconds) from error
        except OverdueError as error:
            retry = say_retry(say_what_holds(), self._read_seconds)
            raise WarehouseUnavailableError(f"{self.subject}: {error}. {retry}") from error
        except StatementError as error:
            if isinstance(error.orig, UsageError):  # of a value that the database cannot hold
                raise type(error.orig)(f"{self.subject}: {error.orig} {say_what_holds()}") from error
            raise
        except UsageConfigError as error:  # what the work found to be set up wrong
            if str(error).startswith(self.subject):
                raise
            raise type(error)(f"{self.subject}: {error}") from error


class ReadingSession(DatabaseSession):
    """The database of a connection that is never written to; where it can be told so, it refuses to be."""

    def __init__(self, engine: Engine, subject: str) -> None:
        super().__init__(engine, subject)
        self._read_seconds = self._database.max_read_seconds

    @classmethod
    def connect(cls, conn_id: str, role: str, schema: str | None) -> ReadingSession:
        """Return the session of an Airflow connection; ``UsageConfigError`` if there is none. Opens nothing."""
        engine = open_source(conn_id, role)
        subject = name_connection(role, conn_id)
        _check_schema(schema, engine.dialect.max_identifier_length, subject)
        database = find_database(engine.dialect)
        if missing := database.find_missing_file(engine.url):
            raise UsageConfigError(f"{subject}: {missing}. Put the path of the file that is meant into its host field.")
        database.prepare_for_reads(engine, database.max_read_seconds, database.max_read_wait_seconds)
        return cls(engine, subject)


class WarehouseSession(DatabaseSession):
    """One ``schema`` (None: the session decides) of a warehouse, on an engine that is prepared for loads."""

    def __init__(self, engine: Engine, schema: str | None, conn_id: str) -> None:
        super().__init__(engine, name_connection("Warehouse", conn_id))
        self.schema = schema
        self.tables: UsageTables = make_tables(schema)

    @classmethod
    def connect(cls: type[Self], sql_conn_id: str, schema: str | None) -> Self:
        """Return the session of an Airflow connection; ``UsageConfigError`` if it cannot be one. Opens nothing."""
        engine = open_engine(sql_conn_id, KEPT)
        _check_schema(schema, engine.dialect.max_identifier_length, name_connection("Warehouse", sql_conn_id))
        find_database(engine.dialect).prepare_for_loads(engine)
        return cls(engine, schema, sql_conn_id)

    @property
    def warnings(self) -> Sequence[str]:
        """Sentences about the database that a person should read."""
        if self._database.is_tested:
            return ()
        kind = f"{self.subject} is of a kind ({self._engine.dialect.name})"
        return [f"{kind} that this package is not tested on. What loads need: {DOCS}/operate.md#other-databases"]

    def create_missing(self, expected: Sequence[Table | View]) -> None:
        """Create those of the tables and views that do not exist, in this order, and check the rest."""
        self.create_missing_and_read(expected, lambda _: None)

    def create_missing_and_read(self, expected: Sequence[Table | View], read: Callable[[Connection], T]) -> T:
        """Like ``create_missing``; return what ``read`` returns then, without a transaction of its own if it can be."""
        created: list[str] = []

        def run() -> T:
            with self._engine.connect() as connection:
                missing = find_missing(connection, expected)
                if not missing:
                    return read(connection)
            # Taken one by one, as what was created before an error counts.
            created.extend(one.name for one in missing if create(self._engine, one))
            with self._engine.connect() as connection:
                return read(connection)

        return self.run(run, lambda: f"Created before that: {', '.join(created) or 'nothing'}.")

    def run_under_lock(
        self,
        account: BillingAccount,
        conn_id: str | None,
        work: Callable[[Connection, datetime], T],
        say_what_holds: Callable[[], str],
    ) -> T:
        """Like ``run_in_transaction``, under the account's lock; ``work`` gets the moment, too (``lock_account``)."""

        def run() -> T:
            with lock_account(self._engine, self.tables.account, account, conn_id) as (connection, moment):
                return work(connection, moment)

        try:
            return self.run(run, say_what_holds)
        except AccountNotKeptError as error:
            raise UsageConfigError(
                f"{self.subject}: {NOT_ACCEPTED} ({in_one_line(str(error))}). {say_what_holds()}"
            ) from error


def _check_schema(schema: str | None, most: int, subject: str) -> None:
    """Raise an error for a name that the database would cut, or cannot have; ``most`` is its limit in bytes."""
    if schema is not None and ("\0" in schema or len(schema.encode()) > most):
        raise UsageConfigError(
            f"{subject}: schema '{shorten(schema)}' has {len(schema.encode())} bytes, but the database has names of at "
            f"most {most}, without NUL."
        )
