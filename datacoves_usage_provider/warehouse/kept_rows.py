"""Notices a trigger that drops or rewrites rows while they are loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Connection

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.dialects import find_database


def check_kept_rows(
    connection: Connection,
    table: Table,
    expect: Callable[[], Mapping[Any, Any]],
    read: Callable[[], Mapping[Any, Any]],
) -> None:
    """
    Raise a ``UsageConfigError`` if ``table`` has triggers, and ``read`` finds other rows in it than ``expect`` returns.

    To be called in the transaction of the load, after a write. Without triggers, neither of them is called.
    """
    if not (triggers := find_database(connection.dialect).find_triggers(connection, table)):
        return
    expected, found = expect(), read()
    if found == expected:
        return
    key = next(key for key in (*expected, *found) if expected.get(key) != found.get(key))
    raise UsageConfigError(
        f"a trigger or rule of your own on {table.name} changes what a load writes ({', '.join(triggers)}): the row "
        f"{key} should be {expected.get(key)}, and is {found.get(key)} (None: there is no such row). Nothing of this "
        "load was kept. Let the trigger write to another table."
    )
