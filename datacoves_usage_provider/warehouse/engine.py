"""Opens the engine of an Airflow connection; sessions prepare it for loads or reads. Only this file knows Airflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool, QueuePool

from datacoves_usage_provider.exceptions import DOCS, UsageConfigError
from datacoves_usage_provider.warehouse.dialects import DATABASES, find_database
from datacoves_usage_provider.warehouse.explanation import in_one_line

if TYPE_CHECKING:
    from airflow.providers.common.sql.hooks.sql import DbApiHook


# One connection for what is run one after the other. It is replaced before firewalls on the way forget it while it is
# idle, without a word to anyone (Azure's do after 240 seconds).
KEPT: Mapping[str, Any] = {"poolclass": QueuePool, "pool_recycle": 120}
NOT_KEPT: Mapping[str, Any] = {"poolclass": NullPool}


def open_engine(sql_conn_id: str, pool: Mapping[str, Any] = NOT_KEPT) -> Engine:
    """
    Return an engine for the database of an Airflow connection; nothing is connected yet.

    ``pool`` says whether a connection is kept for what is run next: then the engine must be disposed of in the end.
    Rows are tuples and text is Unicode, whatever the connection's extra, the database or the role says. Raises
    ``UsageConfigError`` if there is no such connection, or its database cannot hold the tables.
    """
    subject = name_connection("Warehouse", sql_conn_id)
    hook = _get_hook(sql_conn_id, "warehouse")
    if database := DATABASES.get(hook.conn_type):  # before its dialect, which may not be installed, is looked for
        _reject(subject, database.unfit)
    engine = _make_engine(hook, sql_conn_id, subject, pool)
    _reject(subject, find_database(engine.dialect).find_obstacle(engine.url))
    return engine


def open_source(conn_id: str, role: str) -> Engine:
    """Like ``open_engine``, for a database that only has to be read; ``role`` is whose it is, for errors."""
    return _make_engine(_get_hook(conn_id, role), conn_id, name_connection(role, conn_id), NOT_KEPT)


def name_connection(role: str, conn_id: str) -> str:
    """Return what errors of a connection begin with; ``role`` is whose database it has."""
    return f"{role} connection {conn_id!r}"


def _get_hook(conn_id: str, role: str) -> DbApiHook:
    # Imported here, so that loads on an engine that is there already need no Airflow.
    from airflow.providers.common.sql.hooks.sql import DbApiHook

    from datacoves_usage_provider.connections import get_hook

    return get_hook(conn_id, role, DbApiHook)


def _reject(subject: str, obstacle: str | None) -> None:
    if obstacle is not None:
        raise UsageConfigError(
            f"{subject} is {obstacle} Databases that can hold usage: {DOCS}/operate.md#other-databases"
        )


def _reject_url(host: str | None, subject: str) -> None:
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
            f"{in_one_line(str(error))}. Correct its fields or its extra."
        ) from error


def _make_engine(hook: DbApiHook, conn_id: str, subject: str, pool: Mapping[str, Any]) -> Engine:
    """Return an engine that lets ``hook`` connect: its URL lacks the connection's extras, such as sslmode."""
    _reject_url(hook.get_connection(conn_id).host, subject)

    def connect() -> Any:  # called once there is an engine
        connection = _connect(hook, subject)
        find_database(engine.dialect).make_plain(connection, engine.dialect.driver, subject)
        return connection

    try:
        engine: Engine = hook.get_sqlalchemy_engine({**pool, "creator": connect})
    except (ArgumentError, NoSuchModuleError, NotImplementedError, ImportError, TypeError, ValueError) as error:
        raise UsageConfigError(
            f"{subject} does not give an SQLAlchemy engine: {in_one_line(str(error))}. Install the "
            "SQLAlchemy dialect of its database, or correct the connection."
        ) from error
    return engine
