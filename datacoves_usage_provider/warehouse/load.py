"""The replacement of one chunk's rows, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter
from typing import Any

from sqlalchemy import Table, and_, delete, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.query import Cell, Scope
from datacoves_usage_provider.records import KEY, Key, UsageRecord
from datacoves_usage_provider.warehouse.account import lock_account
from datacoves_usage_provider.warehouse.changes import AMOUNT, Amount, Changes
from datacoves_usage_provider.warehouse.conditions import in_scope, of_account
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.load_log import LOG_COLUMNS, LoadedDays, RecordCounts, read_loaded_days
from datacoves_usage_provider.warehouse.tables import Provenance, UsageTables

_METER_COLUMNS = {"sku_meter": "meter.name", "consumed_unit": "meter.unit", "x_is_additive": "meter.is_additive"}
_RECORD_COLUMNS = (*(name for name in UsageRecord.__struct_fields__ if name != "meter"), *_METER_COLUMNS)
_DAILY_COLUMNS = (*_RECORD_COLUMNS, "billing_period_start")
_REVISED = AMOUNT[:-1]  # usage_revision has no unit: equal numbers before and after say that the unit changed
_REVISION_COLUMNS = (*KEY, *(f"x_{name}_{when}" for when in ("before", "after") for name in _REVISED))
_get_values = attrgetter(*(_METER_COLUMNS.get(name, name) for name in _RECORD_COLUMNS))


def replace_chunk(engine: Engine, tables: UsageTables, chunk: UsageChunk, provenance: Provenance) -> Changes:
    """
    Make the rows of ``chunk``'s days and scope those of ``chunk``, all of them or none, and return what that changed.

    Rows of other providers, accounts, days and scopes are not touched. Values of the scope that neither ``chunk`` nor
    the table knows are not logged as loaded.
    """
    counts = RecordCounts(chunk)
    with lock_account(engine, tables.account, chunk.account, provenance.x_conn_id) as (connection, loaded_at):
        common = {**chunk.account._asdict(), **vars(provenance), "x_loaded_at": loaded_at}
        return _replace(connection, tables, chunk, common, counts)


def _replace(
    connection: Connection, tables: UsageTables, chunk: UsageChunk, common: dict[str, Any], counts: RecordCounts
) -> Changes:
    insert_rows = find_database(connection.dialect).insert_rows
    changes = Changes(_read_amounts(connection, tables.daily, chunk), chunk.records)
    # Before the delete, which may take the only rows by which the table knows a value.
    unknown = _find_unknown(connection, tables.daily, chunk)
    # A revision, too, tells that its cell was loaded: the log may have been trimmed since.
    loaded = read_loaded_days(connection, (tables.load_log, tables.revision), chunk.account, chunk.days)
    connection.execute(delete(tables.daily).where(_covered_by(chunk, tables.daily)))
    insert_rows(connection, tables.daily, common, _DAILY_COLUMNS, _make_daily_rows(chunk))
    insert_rows(connection, tables.revision, common, _REVISION_COLUMNS, _make_revision_rows(changes, loaded))
    insert_rows(connection, tables.load_log, common, LOG_COLUMNS, counts.make_log_rows(chunk.scope.without(unknown)))
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


def _find_unknown(connection: Connection, daily: Table, chunk: UsageChunk) -> Scope:
    """Return those of ``chunk``'s unseen values of which its account has no row on any day either."""
    known = {
        name: tuple(connection.execute(_select_known(daily, chunk, name, values)).scalars())
        for name, values in chunk.unseen.narrowed.items()
    }
    unknown = chunk.unseen.without(Scope(**known)).narrowed
    return Scope(**{name: values for name, values in unknown.items() if values})


def _select_known(daily: Table, chunk: UsageChunk, name: str, values: tuple[str, ...]) -> Any:
    return select(daily.c[name]).distinct().where(of_account(daily, chunk.account)).where(daily.c[name].in_(values))


def _make_daily_rows(chunk: UsageChunk) -> Iterator[tuple[Any, ...]]:
    months = {day: day.replace(day=1) for day in chunk.window.days}
    return ((*_get_values(record), months[record.charge_period_start]) for record in chunk.records)


def _make_revision_rows(changes: Changes, loaded: LoadedDays) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each change of a row that was there, or in a cell and day that had been loaded before."""
    if not (changes.before or loaded.cells):
        return
    none = (None,) * len(AMOUNT)
    for key, before, after in changes:
        if before is not None or loaded.have(key[-1], Cell(*key[:3])):
            yield (*key, *(before or none)[: len(_REVISED)], *(after or none)[: len(_REVISED)])
