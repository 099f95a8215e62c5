"""Values of a filter that a server may have left out without a word."""

from __future__ import annotations

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from datacoves_usage_provider.chunk import Scope, UsageChunk
from datacoves_usage_provider.warehouse.conditions import of_account


def find_unknown(connection: Connection, daily: Table, chunk: UsageChunk) -> Scope:
    """Return those of ``chunk``'s unseen values of which its account has no row on any day either."""
    unknown = {
        name: tuple(sorted({*values} - _find_known(connection, daily, chunk, name, values)))
        for name, values in chunk.unseen.items()
    }
    return {name: values for name, values in unknown.items() if values}


def leave_out(scope: Scope, unknown: Scope) -> Scope:
    """Return ``scope`` without ``unknown`` values; a name that loses all of its values stays, with none."""
    return {
        name: tuple(value for value in values if value not in unknown.get(name, ())) for name, values in scope.items()
    }


def _find_known(
    connection: Connection, daily: Table, chunk: UsageChunk, name: str, values: tuple[str, ...]
) -> set[str]:
    known = select(daily.c[name]).distinct().where(of_account(daily, chunk.account)).where(daily.c[name].in_(values))
    return set(connection.execute(known).scalars())
