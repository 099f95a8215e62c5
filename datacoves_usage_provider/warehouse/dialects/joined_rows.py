"""Statements that bring many rows along, and change or delete those of a table that agree with them in a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, and_, delete, update
from sqlalchemy.sql import ColumnElement, Delete, Update

Joined = Mapping[str, ColumnElement[Any]]
"""By column, what stands for its value of each of the rows in turn."""


def make_update(
    table: Table,
    where: ColumnElement[bool],
    common: Mapping[str, Any],
    key: Sequence[str],
    columns: Sequence[str],
    joined: Joined,
) -> Update:
    """Return what gives the rows that agree in ``key`` the values of ``columns``, and all of them ``common``."""
    values = {name: joined[name] for name in columns}
    return update(table).where(where, _match(table, key, joined)).values({**common, **values})


def make_delete(table: Table, where: ColumnElement[bool], key: Sequence[str], joined: Joined) -> Delete:
    """Return what deletes the rows that agree in ``key``."""
    return delete(table).where(where, _match(table, key, joined))


def _match(table: Table, key: Sequence[str], joined: Joined) -> ColumnElement[bool]:
    return and_(*(table.c[name] == joined[name] for name in key))
