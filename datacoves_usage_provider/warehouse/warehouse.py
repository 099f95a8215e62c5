"""The warehouse behind an Airflow SQL connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.load import Provenance, replace_chunk
from datacoves_usage_provider.warehouse.schema import prepare_schema
from datacoves_usage_provider.warehouse.tables import make_usage_daily

# SQLSTATEs of settings that no retry mends; SQLite has messages instead.
_FINAL_STATES = {
    "42501": "the user lacks a right",
    "25006": "the connection is read-only",
    "3F000": "the schema does not exist",
    **dict.fromkeys(("42883", "42804", "22001", "23502"), "a column of the usage tables is not as the docs have it"),
}
_FINAL_SQLITE_MESSAGES = {
    "readonly database": "the database file, or its folder, is read-only",
    "unable to open database file": "the database file cannot be opened",
    "file is not a database": "the file is no SQLite database",
    "unknown database": "the schema does not exist",
}


class Warehouse:
    """The usage tables in one ``schema`` (None: the session decides). Errors of the database pass through."""

    def __init__(self, engine: Engine, schema: str | None, conn_id: str) -> None:
        self._engine = engine
        self._daily = make_usage_daily(schema)
        self._conn_id = conn_id

    @classmethod
    def connect(cls, sql_conn_id: str, schema: str | None) -> Warehouse:
        """Return the warehouse of an Airflow connection, or raise ``UsageConfigError`` if it is none. Opens nothing."""
        from airflow.providers.common.sql.hooks.sql import DbApiHook

        from datacoves_usage_provider.hooks.lookup import get_hook

        hook = get_hook(sql_conn_id, "warehouse", DbApiHook)
        try:
            # Connecting is left to the hook: the engine's URL lacks the connection's extras, such as sslmode.
            engine = hook.get_sqlalchemy_engine({"poolclass": NullPool, "creator": hook.get_conn})
        except (ArgumentError, NoSuchModuleError, NotImplementedError, ImportError) as error:
            raise UsageConfigError(
                f"Warehouse connection {sql_conn_id!r} gives no SQLAlchemy engine: {error}. Install the SQLAlchemy "
                "dialect of its database, or mend the connection."
            ) from error
        if engine.dialect.name == "sqlite" and engine.url.database in (None, "", ":memory:"):
            raise UsageConfigError(
                f"Warehouse connection {sql_conn_id!r} is a SQLite database in memory, which ends with its connection. "
                "Put the path of a file into its host field."
            )
        return cls(engine, schema, sql_conn_id)

    def prepare(self) -> None:
        """Make what is missing of the tables and check the rest."""
        with self._explaining():
            prepare_schema(self._engine, self._daily)

    def load(self, chunk: UsageChunk, provenance: Provenance) -> None:
        """Replace ``chunk``'s rows, whole or not at all."""
        with self._explaining():
            replace_chunk(self._engine, self._daily, chunk, provenance)

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if (reason := _find_final_reason(error)) is None:
                raise
            raise UsageConfigError(
                f"Warehouse connection {self._conn_id!r}: {reason} ({error.orig}). See the docs for the rights that a "
                "load needs; nothing was changed."
            ) from error


def _find_final_reason(error: DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    if state is not None:
        return _FINAL_STATES.get(state)
    text = str(error.orig)
    return next((reason for message, reason in _FINAL_SQLITE_MESSAGES.items() if message in text), None)
