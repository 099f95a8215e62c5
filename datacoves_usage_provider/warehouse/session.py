"""How long a load may wait for others, and how long others may have to wait for it if its worker dies."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import Connection, Engine

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.insert import allow_copy

MAX_WAIT_SECONDS = 60

# The server ends a transaction whose client is gone: at once if the connection was closed, else by these limits.
# row_security: rows that a policy hides are an error, where a load would else leave them beside what replaces them.
_POSTGRESQL = {
    "row_security": "off",
    "lock_timeout": f"{MAX_WAIT_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{MAX_WAIT_SECONDS}s",
    "tcp_user_timeout": f"{MAX_WAIT_SECONDS}s",
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
_SET_POSTGRESQL = "SELECT " + ", ".join(f"set_config('{name}', :{name}, true)" for name in _POSTGRESQL)

# ABORT_DETACHED_QUERY: without it a statement whose client is gone is finished before its transaction ends.
_SNOWFLAKE = f"ALTER SESSION SET LOCK_TIMEOUT = {MAX_WAIT_SECONDS}, ABORT_DETACHED_QUERY = TRUE"


def prepare_engine(engine: Engine) -> None:
    """
    Make ``engine`` ready for loads: limit how long they wait, and how long a dead worker's can keep others out.

    The limits are the session's or the transaction's own, so that nothing else that uses the database has them. Rows
    go in by COPY where the driver can.
    """
    allow_copy(engine)
    if engine.dialect.name == "postgresql":
        # A load that waited for another must see what that one did, whatever the database's default is.
        engine.update_execution_options(isolation_level="READ COMMITTED")
    if engine.dialect.name in _PREPARE:
        moment, prepare = _PREPARE[engine.dialect.name]
        event.listen(engine, moment, prepare)


def connect_plainly(connect: Callable[[], Any], driver: str) -> Any:
    """
    Return a connection whose rows are tuples and whose text is Unicode, and on which nothing is prepared.

    So it is whatever the Airflow connection's extra, or the database's and the role's settings say. A
    ``UsageConfigError`` if it is not of ``driver``, which is what SQLAlchemy takes it for.
    """
    connection = connect()
    if driver in _MAKE_PLAIN:
        if (found := type(connection).__module__.partition(".")[0]) != driver:
            raise UsageConfigError(
                f"The warehouse connection is one of {found}, but its SQLAlchemy dialect is for {driver}: take "
                "sqlalchemy_scheme out of its extra."
            )
        _MAKE_PLAIN[driver](connection)
    return connection


def _make_psycopg_plain(connection: Any) -> None:
    from psycopg.rows import tuple_row

    connection.row_factory = tuple_row
    # What is prepared outlives a transaction, which is all that a pooler such as PgBouncer may keep a session for.
    connection.prepare_threshold = None
    if connection.info.encoding != "utf-8":
        connection.execute("SET client_encoding TO 'UTF8'")
        connection.commit()


def _make_psycopg2_plain(connection: Any) -> None:
    connection.cursor_factory = None
    connection.set_client_encoding("UTF8")


_MAKE_PLAIN: dict[str, Callable[[Any], None]] = {
    "psycopg": _make_psycopg_plain,
    "psycopg2": _make_psycopg2_plain,
}


def _prepare_postgresql(connection: Connection) -> None:
    connection.execute(text(_SET_POSTGRESQL), _POSTGRESQL)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout = {MAX_WAIT_SECONDS * 1000}")


def _prepare_snowflake(connection: Any, _: Any) -> None:
    # Without this a load is no transaction: dialects before 1.7.2 leave autocommit on when others connect for them.
    connection.autocommit(False)
    with closing(connection.cursor()) as cursor:
        cursor.execute(_SNOWFLAKE)


_PREPARE: dict[str, tuple[str, Callable[..., None]]] = {
    "postgresql": ("begin", _prepare_postgresql),
    "sqlite": ("connect", _prepare_sqlite),
    "snowflake": ("connect", _prepare_snowflake),
}
