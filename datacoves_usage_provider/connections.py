"""Finds the hook of a connection, and says plainly when it is not of the kind that is needed."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from airflow.exceptions import AirflowException, AirflowNotFoundException

from datacoves_usage_provider.compat import BaseHook, ProvidersManager
from datacoves_usage_provider.exceptions import UsageConfigError

T = TypeVar("T")


def read_connection(conn_id: str) -> Any:
    """
    Return Airflow's connection under the id that was asked for.

    Airflow 2 makes None of an id that its form would not take, such as ``team@eu``, and a secrets backend may name
    what it finds as it likes. Airflow's ``get_hook()`` then makes the hook of the type's default connection.
    """
    connection = BaseHook.get_connection(conn_id)
    connection.conn_id = conn_id
    return connection


def get_hook(conn_id: str, role: str, kind: type[T]) -> T:
    """
    Return the hook that belongs to the type of connection ``conn_id``, which is read once, for the hook as well.

    Raises ``UsageConfigError`` if there is no such connection, no hook for its type, or one that is not a ``kind``.
    ``role`` is what the connection is for, in the error's words.
    """
    read = cache(read_connection)
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
            return _check_id(connection.get_hook(), hook_info.connection_id_attribute_name, connection.conn_id)
        cause = None
    except (AirflowException, ImportError) as error:
        cause = error
    raise UsageConfigError(
        f"Connection {connection.conn_id!r} ({role}) is of type {connection.conn_type!r}, for which this Airflow has "
        "no hook. Choose another type, or install its provider."
    ) from cause


def _check_id(hook: Any, attribute: str, conn_id: str) -> Any:
    """Return ``hook`` if it will read connection ``conn_id``, and no other one's usage or warehouse."""
    found = getattr(hook, attribute, None)
    if found != conn_id:
        raise UsageConfigError(
            f"The hook {type(hook).__name__} does not use connection {conn_id!r}, but {found!r}. Give the connection "
            "an id of letters, digits and '_', or correct the hook."
        )
    return hook
