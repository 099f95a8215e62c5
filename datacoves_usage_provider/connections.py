"""Finds the hook of a connection, and says plainly when it is not of the kind that is needed."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from airflow.exceptions import AirflowException, AirflowNotFoundException

from datacoves_usage_provider.compat import BaseHook, ProvidersManager
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
            "backend has for it (docs/connections.md). Add it under Admin, Connections, or name another."
        ) from error
    if not connection.conn_type:
        raise UsageConfigError(
            f"Connection {conn_id!r} ({role}) does not have a type. JSON has it as conn_type. A URI begins with it, "
            "such as datacoves-billing://, with - for each _."
        )
    hook = _make_hook(connection, role)
    hook.get_connection = read  # some would ask the secrets backend, and Airflow 2 log it, whenever they connect
    if not isinstance(hook, kind):
        raise UsageConfigError(
            f"Connection {conn_id!r} is of type {connection.conn_type!r}, which cannot serve as {role}: "
            f"its hook {type(hook).__name__} is not a {kind.__name__}."
        )
    return hook


def _make_hook(connection: Any, role: str) -> Any:
    # A type without a hook would be an AttributeError of Airflow's, which a hook's own error must not look like.
    hook_info = ProvidersManager().hooks.get(connection.conn_type)
    try:
        if hook_info is not None and hook_info.hook_class_name:
            return connection.get_hook()
        cause = None
    except (AirflowException, ImportError) as error:
        cause = error
    raise UsageConfigError(
        f"Connection {connection.conn_id!r} ({role}) is of type {connection.conn_type!r}, for which this Airflow has "
        "no hook. Choose another type, or install its provider."
    ) from cause
