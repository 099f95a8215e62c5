"""The warehouse behind an Airflow SQL connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, NoResultFound, StatementError

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk, VendorMonth
from datacoves_usage_provider.exceptions import UsageConfigError, UsageError, WarehouseUnavailableError
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.text import shorten
from datacoves_usage_provider.warehouse.calls import Calls, SilentError
from datacoves_usage_provider.warehouse.changes import Changes
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.dialects.database import NOT_ACCEPTED
from datacoves_usage_provider.warehouse.engine import open_engine
from datacoves_usage_provider.warehouse.explanation import explain, quote
from datacoves_usage_provider.warehouse.load import replace_chunk
from datacoves_usage_provider.warehouse.load_log import LoadedDays, read_loaded_days
from datacoves_usage_provider.warehouse.schema import create_missing
from datacoves_usage_provider.warehouse.tables import Provenance, make_tables
from datacoves_usage_provider.warehouse.vendor_month import replace_month


class Warehouse:
    """
    The usage tables in one ``schema`` (None: the session decides), on an engine that is prepared for loads.

    Errors of the database that no retry can mend are a ``UsageConfigError``, which says what holds in spite of it;
    others are a ``WarehouseUnavailableError``.
    """

    def __init__(self, engine: Engine, schema: str | None, conn_id: str) -> None:
        self._engine = engine
        self._database = find_database(engine.dialect)
        self._tables = make_tables(schema)
        self._conn_id = conn_id
        self._calls = Calls(engine, self._database)

    @classmethod
    def connect(cls, sql_conn_id: str, schema: str | None) -> Warehouse:
        """Return the warehouse of an Airflow connection; ``UsageConfigError`` if it cannot be one. Opens nothing."""
        engine = open_engine(sql_conn_id)
        _check_schema(schema, engine.dialect.max_identifier_length)
        find_database(engine.dialect).prepare_for_loads(engine)
        return cls(engine, schema, sql_conn_id)

    @property
    def warnings(self) -> Sequence[str]:
        """Sentences about the database that a person should read."""
        if self._database.is_tested:
            return ()
        subject = f"Warehouse connection {self._conn_id!r} is of a kind ({self._engine.dialect.name})"
        return [f"{subject} that this package is not tested on: docs/warehouses.md says what loads need of a database."]

    def prepare(self) -> None:
        """Create what is missing of the tables and views, and check the rest."""
        created: list[str] = []
        with self._explaining(lambda: f"Created before that: {', '.join(created) or 'nothing'}."):
            # Taken one by one, as what was created before an error counts.
            self._calls.run(lambda: created.extend(create_missing(self._engine, self._tables)))

    def load(self, chunk: UsageChunk, provenance: Provenance, allow_empty: bool = False) -> Changes:
        """
        Replace ``chunk``'s rows, all of them or none; return what that changed.

        Unless ``allow_empty``, a chunk without records that would remove rows is a ``UsageDataError``.
        """
        with self._explaining(lambda: f"Nothing of {chunk.window} was loaded; what was loaded before stays."):
            return self._calls.run(lambda: replace_chunk(self._engine, self._tables, chunk, provenance, allow_empty))

    def load_month(self, month: VendorMonth, provenance: Provenance, allow_empty: bool = False) -> None:
        """Replace the vendor's own figures of one month, all of them or none; ``allow_empty`` as in ``load``."""
        with self._explaining(lambda: f"The vendor's figures of {month.month:%Y-%m} were not loaded; the days stay."):
            self._calls.run(lambda: replace_month(self._engine, self._tables, month, provenance, allow_empty))

    def find_missing_days(self, account: BillingAccount, days: Sequence[date], scope: Scope) -> list[date]:
        """Return those of ``days`` that the load log lacks for any cell of ``scope`` of ``account``."""
        cells = list(scope.cells)
        with self._explaining(lambda: "The load log could not be read."):
            loaded = self._calls.run(lambda: self._read_loaded_days(account, days))
        return [day for day in days if not all(loaded.have(day, cell) for cell in cells)]

    def _read_loaded_days(self, account: BillingAccount, days: Sequence[date]) -> LoadedDays:
        with self._engine.connect() as connection:
            return read_loaded_days(connection, [self._tables.load_log], account, days)

    @contextmanager
    def _explaining(self, say_what_holds: Callable[[], str]) -> Iterator[None]:
        """Raise an error that a user can act on in place of SQLAlchemy's, where there is one."""
        try:
            yield
        except DBAPIError as error:
            raise explain(error, self._database, self._conn_id, say_what_holds()) from error
        except SilentError as error:
            raise WarehouseUnavailableError(
                f"Warehouse connection {self._conn_id!r}: {error}. It may pass, so Airflow's retries try again, which "
                "is harmless whatever this try has left."
            ) from error
        except NoResultFound as error:  # of the account's row, which is the lock
            raise UsageConfigError(
                f"Warehouse connection {self._conn_id!r}: {NOT_ACCEPTED} ({quote(str(error))}). {say_what_holds()}"
            ) from error
        except StatementError as error:
            if isinstance(error.orig, UsageError):  # of a value that the database cannot hold
                raise type(error.orig)(f"{error.orig} {say_what_holds()}") from error
            raise


def _check_schema(schema: str | None, most: int) -> None:
    """Raise an error for a name that the database would cut, or cannot have; ``most`` is its limit in bytes."""
    if schema is not None and ("\0" in schema or len(schema.encode()) > most):
        raise UsageConfigError(
            f"schema '{shorten(schema)}' has {len(schema.encode())} bytes: the database of the warehouse has names of "
            f"at most {most}, without NUL."
        )
