"""Finds the hook of a connection, and says plainly when it is not of the kind that is needed."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from airflow.exceptions import AirflowException, AirflowNotFoundException

from datacoves_usage_provider.compat import BaseHook
from datacoves_usage_provider.exceptions import UsageConfigError

T = TypeVar("T")


def get_hook(conn_id: str, role: str, kind: type[T]) -> T:
    """
    Return the hook that belongs to the type of connection ``conn_id``, which is read once, for the hook as well.

    Raises ``UsageConfigError`` if there is no such connection, no hook for its type, or one that is not a ``kind``.
    ``role`` is what the connection is for, in the error's words.
    """
    read = cache(BaseHook.get_connection)
    try:
        connection = read(conn_id)
    except AirflowNotFoundException as error:
        raise UsageConfigError(
            f"There is no connection {conn_id!r} ({role}), or Airflow cannot read what the environment or a secrets "
            "backend says of it (docs/connections.md). Add it under Admin, Connections, or name another."
        ) from error
    if not connection.conn_type:
        raise UsageConfigError(
            f"Connection {conn_id!r} ({role}) has no type: JSON gives it as conn_type; a URI begins with it, such as "
            "datacoves-billing://, with - for each _."
        )
    try:
        hook: Any = connection.get_hook()
        hook.get_connection = read  # some would ask the secrets backend, and Airflow 2 log it, whenever they connect
    except (AirflowException, ImportError, AttributeError) as error:  # Airflow 3 has types whose hook is None
        raise UsageConfigError(
            f"Connection {conn_id!r} ({role}) is of type {connection.conn_type!r}, for which this Airflow has no hook. "
            "Choose another type, or install its provider."
        ) from error
    if not isinstance(hook, kind):
        raise UsageConfigError(
            f"Connection {conn_id!r} is of type {connection.conn_type!r}, which cannot serve as {role}: "
            f"its hook {type(hook).__name__} is no {kind.__name__}."
        )
    return hook
