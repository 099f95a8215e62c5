"""The warehouse behind an Airflow SQL connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.chunk import BillingAccount, Scope, UsageChunk, VendorMonth
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.changes import Changes
from datacoves_usage_provider.warehouse.failures import find_final_reason
from datacoves_usage_provider.warehouse.load import replace_chunk
from datacoves_usage_provider.warehouse.load_log import get_parts, read_logged_days
from datacoves_usage_provider.warehouse.provenance import Provenance
from datacoves_usage_provider.warehouse.schema import prepare_schema
from datacoves_usage_provider.warehouse.session import connect_plainly, prepare_engine
from datacoves_usage_provider.warehouse.tables import make_tables
from datacoves_usage_provider.warehouse.vendor_month import replace_month

if TYPE_CHECKING:
    from airflow.providers.common.sql.hooks.sql import DbApiHook


class Warehouse:
    """
    The usage tables in one ``schema`` (None: the session decides).

    Errors of the database that no retry mends are a ``UsageConfigError``; others pass through.
    """

    def __init__(self, engine: Engine, schema: str | None, conn_id: str) -> None:
        self._engine = engine
        self._tables = make_tables(schema)
        self._conn_id = conn_id

    @classmethod
    def connect(cls, sql_conn_id: str, schema: str | None) -> Warehouse:
        """Return the warehouse of an Airflow connection, or raise ``UsageConfigError`` if it is none. Opens nothing."""
        # Imported here, so that loads on an engine that is there already need no Airflow.
        from airflow.providers.common.sql.hooks.sql import DbApiHook

        from datacoves_usage_provider.connections import get_hook

        engine = _make_engine(get_hook(sql_conn_id, "warehouse", DbApiHook), sql_conn_id)
        if engine.dialect.name == "sqlite" and engine.url.database in (None, "", ":memory:"):
            raise UsageConfigError(
                f"Warehouse connection {sql_conn_id!r} is a SQLite database in memory, which ends with its connection. "
                "Put the path of a file into its host field."
            )
        prepare_engine(engine)
        return cls(engine, schema, sql_conn_id)

    def prepare(self) -> None:
        """Make what is missing of the tables and check the rest."""
        with self._explaining():
            prepare_schema(self._engine, self._tables)

    def load(self, chunk: UsageChunk, provenance: Provenance) -> Changes:
        """Replace ``chunk``'s rows, whole or not at all; return what that changed."""
        with self._explaining():
            return replace_chunk(self._engine, self._tables, chunk, provenance)

    def load_month(self, month: VendorMonth, provenance: Provenance) -> None:
        """Replace the vendor's own figures of one month, whole or not at all."""
        with self._explaining():
            replace_month(self._engine, self._tables, month, provenance)

    def find_missing_days(self, account: BillingAccount, days: Sequence[date], scope: Scope) -> list[date]:
        """Return those of ``days`` that the load log lacks for any part of ``scope`` of ``account``."""
        parts = list(get_parts(scope))
        with self._explaining(), self._engine.connect() as connection:
            logged = read_logged_days(connection, self._tables.load_log, account, days)
        return [day for day in days if not all(logged.have(day, part) for part in parts)]

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if (reason := find_final_reason(error)) is None:
                raise
            raise UsageConfigError(
                f"Warehouse connection {self._conn_id!r}: {reason} ({error.orig}). docs/ddl.md has the rights that a "
                "load needs; nothing was changed."
            ) from error


def _make_engine(hook: DbApiHook, sql_conn_id: str) -> Engine:
    """Return an engine that leaves connecting to ``hook``: its URL lacks the connection's extras, such as sslmode."""

    def connect() -> Any:  # called once there is an engine
        return connect_plainly(hook.get_conn, engine.dialect.driver)

    try:
        engine: Engine = hook.get_sqlalchemy_engine({"poolclass": NullPool, "creator": connect})
    except (ArgumentError, NoSuchModuleError, NotImplementedError, ImportError) as error:
        raise UsageConfigError(
            f"Warehouse connection {sql_conn_id!r} gives no SQLAlchemy engine: {error}. Install the SQLAlchemy "
            "dialect of its database, or mend the connection."
        ) from error
    return engine
