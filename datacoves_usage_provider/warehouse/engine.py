"""Opens the engine of an Airflow connection for reading; loads prepare it further. Only this file knows Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.dialects import DATABASES, find_database

if TYPE_CHECKING:
    from airflow.providers.common.sql.hooks.sql import DbApiHook


def open_engine(sql_conn_id: str) -> Engine:
    """
    Return an engine for the database of an Airflow connection; nothing is connected yet.

    Rows are tuples and text is Unicode, whatever the connection's extra, the database or the role says. Raises
    ``UsageConfigError`` if there is no such connection, or its database cannot hold the tables.
    """
    # Imported here, so that loads on an engine that is there already need no Airflow.
    from airflow.providers.common.sql.hooks.sql import DbApiHook

    from datacoves_usage_provider.connections import get_hook

    hook = get_hook(sql_conn_id, "warehouse", DbApiHook)
    if database := DATABASES.get(hook.conn_type):  # before its dialect, which may not be installed, is looked for
        _refuse(sql_conn_id, database.unfit)
    engine = _make_engine(hook, sql_conn_id)
    _refuse(sql_conn_id, find_database(engine.dialect).find_obstacle(engine.url))
    return engine


def _refuse(sql_conn_id: str, obstacle: str | None) -> None:
    if obstacle is not None:
        raise UsageConfigError(
            f"Warehouse connection {sql_conn_id!r} is {obstacle} docs/warehouses.md has databases that can hold usage."
        )


def _make_engine(hook: DbApiHook, sql_conn_id: str) -> Engine:
    """Return an engine that lets ``hook`` connect: its URL lacks the connection's extras, such as sslmode."""

    def connect() -> Any:  # called once there is an engine
        connection = hook.get_conn()
        find_database(engine.dialect).make_plain(connection, engine.dialect.driver)
        return connection

    try:
        engine: Engine = hook.get_sqlalchemy_engine({"poolclass": NullPool, "creator": connect})
    except (ArgumentError, NoSuchModuleError, NotImplementedError, ImportError) as error:
        raise UsageConfigError(
            f"Warehouse connection {sql_conn_id!r} gives no SQLAlchemy engine: {error}. Install the SQLAlchemy "
            "dialect of its database, or correct the connection."
        ) from error
    return engine
