"""The replacement of one chunk's rows, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from msgspec.structs import astuple
from sqlalchemy import Table, and_, delete, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.records import KEY, Key, UsageRecord
from datacoves_usage_provider.warehouse.account import lock_account
from datacoves_usage_provider.warehouse.changes import AMOUNT, Amount, Changes
from datacoves_usage_provider.warehouse.conditions import in_scope, of_account
from datacoves_usage_provider.warehouse.insert import insert_rows
from datacoves_usage_provider.warehouse.load_log import LOG_COLUMNS, LoggedDays, make_log_rows, read_logged_days
from datacoves_usage_provider.warehouse.provenance import Provenance
from datacoves_usage_provider.warehouse.tables import UsageTables
from datacoves_usage_provider.warehouse.unknown_values import find_unknown, leave_out

_DAILY_COLUMNS = (*UsageRecord.__struct_fields__, "billing_period_start")
_REVISION_COLUMNS = (*KEY, *(f"x_{name}_{when}" for when in ("before", "after") for name in AMOUNT))


def replace_chunk(engine: Engine, tables: UsageTables, chunk: UsageChunk, provenance: Provenance) -> Changes:
    """
    Make the rows of ``chunk``'s days and scope those of ``chunk``; afterwards all of it holds, or nothing changed.

    Rows of other providers, accounts, days, and of what the scope does not name, are not touched. Values of the scope
    that neither ``chunk`` nor the table knows are not logged as loaded. Returns what changed.
    """
    with lock_account(engine, tables.account, chunk.account, provenance.x_conn_id) as connection:
        return _replace(connection, tables, chunk, provenance)


def _replace(connection: Connection, tables: UsageTables, chunk: UsageChunk, provenance: Provenance) -> Changes:
    common = {
        **chunk.account._asdict(),
        **vars(provenance),
        # Read under the lock, so that times tell the order of loads as well as the workers' clocks agree.
        "x_loaded_at": datetime.now(timezone.utc),
    }
    changes = Changes(_read_amounts(connection, tables.daily, chunk), chunk.records)
    # Before the delete, which may take the only rows by which the table knows a value.
    unknown = find_unknown(connection, tables.daily, chunk)
    logged = read_logged_days(connection, tables.load_log, chunk.account, chunk.days)
    connection.execute(delete(tables.daily).where(_covered_by(chunk, tables.daily)))
    insert_rows(connection, tables.daily, common, _DAILY_COLUMNS, _make_daily_rows(chunk))
    insert_rows(connection, tables.revision, common, _REVISION_COLUMNS, _make_revision_rows(changes, logged))
    log_rows = make_log_rows(chunk, leave_out(chunk.scope, unknown))
    insert_rows(connection, tables.load_log, common, LOG_COLUMNS, log_rows)
    return replace(changes, unknown=unknown)


def _covered_by(chunk: UsageChunk, daily: Table) -> ColumnElement[bool]:
    return and_(
        of_account(daily, chunk.account),
        daily.c.charge_period_start.in_(chunk.days),
        *in_scope(daily, chunk.scope),
    )


def _read_amounts(connection: Connection, daily: Table, chunk: UsageChunk) -> dict[Key, Amount]:
    columns = [daily.c[name] for name in (*KEY, *AMOUNT)]
    rows = connection.execute(select(*columns).where(_covered_by(chunk, daily)))
    return {tuple(row[: len(KEY)]): tuple(row[len(KEY) :]) for row in rows}


def _make_daily_rows(chunk: UsageChunk) -> Iterator[tuple[Any, ...]]:
    months = {day: day.replace(day=1) for day in chunk.window.days}
    return ((*astuple(record), months[record.charge_period_start]) for record in chunk.records)


def _make_revision_rows(changes: Changes, logged: LoggedDays) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each change of a row that was there, or of a day that had been loaded before for its part."""
    if not (changes.before or logged.parts):
        return
    none = (None,) * len(AMOUNT)
    for key, before, after in changes:
        # A row that was there had been loaded, also where the log was cut.
        if before is not None or logged.have(key[-1], key[:3]):
            yield (*key, *(before or none), *(after or none))
