"""Opens the engine of an Airflow connection; sessions prepare it for loads or reads. Only this file knows Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.dialects import DATABASES, find_database
from datacoves_usage_provider.warehouse.explanation import quote

if TYPE_CHECKING:
    from airflow.providers.common.sql.hooks.sql import DbApiHook


def open_engine(sql_conn_id: str) -> Engine:
    """
    Return an engine for the database of an Airflow connection; nothing is connected yet.

    Rows are tuples and text is Unicode, whatever the connection's extra, the database or the role says. Raises
    ``UsageConfigError`` if there is no such connection, or its database cannot hold the tables.
    """
    subject = f"Warehouse connection {sql_conn_id!r}"
    hook = _get_hook(sql_conn_id, "warehouse")
    if database := DATABASES.get(hook.conn_type):  # before its dialect, which may not be installed, is looked for
        _refuse(subject, database.unfit)
    engine = _make_engine(hook, sql_conn_id, subject)
    _refuse(subject, find_database(engine.dialect).find_obstacle(engine.url))
    return engine


def open_source(conn_id: str, role: str) -> Engine:
    """Like ``open_engine``, for a database that only has to be read; ``role`` is whose it is, for errors."""
    return _make_engine(_get_hook(conn_id, role), conn_id, f"{role} connection {conn_id!r}")


def _get_hook(conn_id: str, role: str) -> DbApiHook:
    # Imported here, so that loads on an engine that is there already need no Airflow.
    from airflow.providers.common.sql.hooks.sql import DbApiHook

    from datacoves_usage_provider.connections import get_hook

    return get_hook(conn_id, role, DbApiHook)


def _refuse(subject: str, obstacle: str | None) -> None:
    if obstacle is not None:
        raise UsageConfigError(f"{subject} is {obstacle} docs/warehouses.md has databases that can hold usage.")


def _refuse_url(host: str | None, subject: str) -> None:
    """Raise an error that does not show ``host``, as a URL may have a password in it."""
    if "://" in (host or ""):
        raise UsageConfigError(
            f"{subject} has a URL in its host field. The host alone belongs there; login, "
            "password, port and database have fields of their own."
        )


def _connect(hook: DbApiHook, subject: str) -> Any:
    """Return a new connection of ``hook``. The driver's own errors pass through, for SQLAlchemy to wrap."""
    from airflow.exceptions import AirflowException

    try:
        return hook.get_conn()
    except (AirflowException, ImportError, LookupError, TypeError, ValueError) as error:
        raise UsageConfigError(
            f"{subject} cannot be opened as it is set up: {type(error).__name__}: "
            f"{quote(str(error))}. Correct its fields or its extra."
        ) from error


def _make_engine(hook: DbApiHook, conn_id: str, subject: str) -> Engine:
    """Return an engine that lets ``hook`` connect: its URL lacks the connection's extras, such as sslmode."""
    _refuse_url(hook.get_connection(conn_id).host, subject)

    def connect() -> Any:  # called once there is an engine
        connection = _connect(hook, subject)
        find_database(engine.dialect).make_plain(connection, engine.dialect.driver)
        return connection

    try:
        engine: Engine = hook.get_sqlalchemy_engine({"poolclass": NullPool, "creator": connect})
    except (ArgumentError, NoSuchModuleError, NotImplementedError, ImportError, TypeError, ValueError) as error:
        raise UsageConfigError(
            f"{subject} gives no SQLAlchemy engine: {quote(str(error))}. Install the "
            "SQLAlchemy dialect of its database, or correct the connection."
        ) from error
    return engine
