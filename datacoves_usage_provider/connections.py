"""Finds the hook of a connection; the error says what is wrong if there is none of the kind that is needed."""

from __future__ import annotations

from collections.abc import Container
from functools import cache
from typing import Any, TypeVar

from airflow.exceptions import AirflowNotFoundException

from datacoves_usage_provider.compat import BaseHook, ProvidersManager
from datacoves_usage_provider.exceptions import DOCS, UsageConfigError

_WAREHOUSE_TYPES = ("postgres", "snowflake", "sqlite")

T = TypeVar("T")


def read_connection(conn_id: str) -> Any:
    """
    Return Airflow's connection under the id that was asked for.

    Airflow 2 replaces an id that its form would not accept, such as ``team@eu``, with None, and a secrets backend may
    return any id. Airflow's ``get_hook()`` would then return the hook of the type's default connection.
    """
    connection = BaseHook.get_connection(conn_id)
    connection.conn_id = conn_id
    return connection


def get_hook(conn_id: str, role: str, kind: type[T]) -> T:
    """
    Return the hook for connection ``conn_id``. The connection is read only once; the hook reuses it.

    Raises ``UsageConfigError`` if there is no such connection, no hook for its type, or one that is not a ``kind``.
    ``role`` is what the connection is for, in the error's words.
    """
    read = cache(read_connection)
    try:
        connection = read(conn_id)
    except AirflowNotFoundException as error:
        raise UsageConfigError(
            f"There is no connection {conn_id!r} ({role}), or Airflow cannot read what the environment or a secrets "
            "backend has for it. Add it under Admin, Connections, or name another. Where Airflow looks: "
            f"{DOCS}/collect.md#without-the-form"
        ) from error
    if not connection.conn_type:
        raise UsageConfigError(
            f"Connection {conn_id!r} ({role}) does not have a type. In JSON it is the field conn_type. A URI begins "
            "with it, such as datacoves-billing://, with - for each _."
        )
    hook = _make_hook(connection, role)
    hook.get_connection = read  # some read it again each time they connect, which Airflow 2 logs
    if not isinstance(hook, kind):
        raise UsageConfigError(
            f"Connection {conn_id!r} is of type {connection.conn_type!r}, which cannot be used as the {role}: "
            f"its hook {type(hook).__name__} is not a {kind.__name__}."
        )
    return hook


def _make_hook(connection: Any, role: str) -> Any:
    subject = f"Connection {connection.conn_id!r} ({role}) is of type {connection.conn_type!r}"
    hooks = ProvidersManager().hooks
    hook_info = hooks.get(connection.conn_type)
    # Without a hook, get_hook() would raise an AttributeError, as a fault inside a hook may.
    if hook_info is None or not hook_info.hook_class_name:
        raise UsageConfigError(f"{subject}, {_explain_no_hook(connection.conn_type, hooks)}")
    try:
        hook = connection.get_hook()
    except ImportError as error:
        raise UsageConfigError(
            f"{subject}, whose hook {hook_info.hook_class_name} needs what is not installed here: {error}. Install it."
        ) from error
    return _check_id(hook, hook_info.connection_id_attribute_name, connection.conn_id)


def _explain_no_hook(conn_type: str, hooks: Container[str]) -> str:
    """Continue a sentence that says the connection's type."""
    if conn_type == "generic":
        return (
            "which has no hook: 'airflow connections add' stores this type in place of one whose provider is not "
            "installed. Install the provider of the type that was meant (for PostgreSQL "
            "apache-airflow-providers-postgres), and give the connection its type again."
        )
    provider = f"apache-airflow-providers-{conn_type}" if conn_type in _WAREHOUSE_TYPES else "its provider"
    if conn_type in hooks:
        return (
            "whose hook Airflow cannot use: a warning above in this log says why. Install what is missing, or another "
            f"version of {provider}."
        )
    return f"for which this Airflow has no hook. Install {provider}, or choose another type."


def _check_id(hook: Any, attribute: str, conn_id: str) -> Any:
    """Return ``hook``; raise if it would use another connection, and so another one's usage or warehouse."""
    found = getattr(hook, attribute, None)
    if found != conn_id:
        raise UsageConfigError(
            f"The hook {type(hook).__name__} uses connection {found!r} instead of {conn_id!r}. Give the connection an "
            "id of letters, digits and '_', or correct the hook."
        )
    return hook
