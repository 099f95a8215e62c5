"""The replacement of one chunk's rows, in one transaction that writes only what differs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from sqlalchemy import Table, and_, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.query import Cell, CellsByDay, Coverage, Scope
from datacoves_usage_provider.records import KEY, Key, UsageRecord, get_key
from datacoves_usage_provider.warehouse.changes import (
    AMOUNT,
    NAMES,
    PATHS,
    Change,
    Changes,
    Differences,
    find_differences,
    get_amount,
    get_state,
    make_getter,
)
from datacoves_usage_provider.warehouse.chunk_parts import ChunkPart
from datacoves_usage_provider.warehouse.conditions import in_scope, of_account
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.empty_responses import check_nothing_is_emptied
from datacoves_usage_provider.warehouse.kept_rows import check_kept_rows
from datacoves_usage_provider.warehouse.load_log import LOG_COLUMNS, RecordCounts, read_loaded_days
from datacoves_usage_provider.warehouse.tables import UsageTables

_RECORD_COLUMNS = (*(name for name in UsageRecord.__struct_fields__ if name != "meter"), *PATHS)
_DAILY_COLUMNS = (*_RECORD_COLUMNS, "billing_period_start")
_UPDATED_COLUMNS = (*AMOUNT, *NAMES)
# usage_revision has no unit, the last of them: equal numbers before and after say that the unit changed.
_REVISED = slice(len(AMOUNT) - 1)
_REVISION_COLUMNS = (*KEY, *(f"x_{name}_{when}" for when in ("before", "after") for name in AMOUNT[_REVISED]))
_get_values = make_getter(_RECORD_COLUMNS)
_get_update = make_getter((*KEY, *_UPDATED_COLUMNS))
_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True)
class Load:
    """
    Makes the rows of ``chunk``'s days and scope those of ``chunk``, under the lock of its account.

    Rows that are equal are not touched, nor are those of other providers, accounts, days and scopes. Values of the
    scope that neither ``chunk`` nor the table know are not logged as loaded. ``provenance`` are values of all rows that
    it writes. Unless ``allow_empty``, a response without records that would remove rows is a ``UsageDataError``.
    """

    connection: Connection
    tables: UsageTables
    chunk: UsageChunk
    provenance: Mapping[str, Any]
    allow_empty: bool

    def run(self, counts: RecordCounts, parts: Iterable[ChunkPart]) -> Changes:
        """Replace ``parts``, which make up the chunk, one by one; return what that changed."""
        # Before anything is deleted: that may be the only rows by which the table knows a value.
        changes = Changes(self._find_unknown())
        empty = self._find_empty()
        for part in parts:
            differences = find_differences(self._read_rows(part), part.records)
            if differences:
                self._check_nothing_is_emptied(empty, differences.removed)
                self._write(part, differences)
            late = _find_late(differences.added, self._read_loaded(differences.added))
            revised = chain(changes.count_each(differences.changes), late)
            self._insert(self.tables.revision, _REVISION_COLUMNS, _make_revision_rows(revised))
            changes.add(differences.added, part.records)
        scope = self.chunk.scope.without(changes.unknown)
        self._insert(self.tables.load_log, LOG_COLUMNS, counts.make_log_rows(scope))
        return changes

    def _find_empty(self) -> CellsByDay:
        """Return what was requested and has no record."""
        chunk = self.chunk
        return CellsByDay.of(chunk.empty if chunk.records else [Coverage(chunk.window, chunk.scope)])

    def _check_nothing_is_emptied(self, empty: CellsByDay, removed: Iterable[Key]) -> None:
        if not self.allow_empty:
            days = (key[-1] for key in removed if empty.have(key[-1], Cell(*key[:3])))
            check_nothing_is_emptied(days, self.tables.daily, self.chunk.account, self.provenance["x_conn_id"])

    def _read_rows(self, part: ChunkPart) -> Iterator[tuple[Any, ...]]:
        daily = self.tables.daily
        columns = [daily.c[name] for name in (*KEY, *_UPDATED_COLUMNS)]
        # Many rows stay at the server until they are compared. For a few, that would only be more round trips.
        options = {"yield_per": _ROWS_AT_ONCE} if len(part.records) > _ROWS_AT_ONCE else {}
        query = select(*columns).where(self._is_account(), *self._is_of(part.days)).execution_options(**options)
        return map(tuple, self.connection.execute(query))

    def _write(self, part: ChunkPart, differences: Differences) -> None:
        daily = self.tables.daily
        # The days are in the rows, too; here they tell the database how little to look through.
        where = and_(self._is_account(), daily.c.charge_period_start.between(part.days[0], part.days[-1]))
        database = find_database(self.connection.dialect)
        database.delete_rows(self.connection, daily, where, KEY, differences.deleted)
        database.update_rows(
            self.connection, daily, where, self.provenance, KEY, _UPDATED_COLUMNS, map(_get_update, differences.updated)
        )
        months = {day: (day.replace(day=1),) for day in part.days}
        rows = (_get_values(record) + months[record.charge_period_start] for record in differences.inserted)
        database.insert_rows(self.connection, daily, self._common, _DAILY_COLUMNS, rows)
        check_kept_rows(
            self.connection,
            daily,
            lambda: {get_key(record): get_state(record) for record in part.records},
            lambda: {row[: len(KEY)]: row[len(KEY) :] for row in self._read_rows(part)},
        )

    def _insert(self, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        find_database(self.connection.dialect).insert_rows(self.connection, table, self._common, columns, rows)

    @property
    def _common(self) -> dict[str, Any]:
        """What all rows of the load have in common."""
        return {**self.chunk.account._asdict(), **self.provenance}

    def _read_loaded(self, added: Collection[UsageRecord]) -> CellsByDay:
        """Return what had been loaded of the days of ``added``."""
        days = {record.charge_period_start for record in added}
        # A revision, too, tells that its cell was loaded: the log may have been trimmed since.
        tables = (self.tables.load_log, self.tables.revision)
        return read_loaded_days(self.connection, tables, self.chunk.account, sorted(days))

    def _find_unknown(self) -> Scope:
        """Return those of the chunk's unseen values of which its account has no row on any day either."""
        known = {
            name: tuple(self.connection.execute(self._select_known(name, values)).scalars())
            for name, values in self.chunk.unseen.narrowed.items()
        }
        unknown = self.chunk.unseen.without(Scope(**known)).narrowed
        return Scope(**{name: values for name, values in unknown.items() if values})

    def _select_known(self, name: str, values: tuple[str, ...]) -> Any:
        column = self.tables.daily.c[name]
        return select(column).distinct().where(self._is_account()).where(column.in_(values))

    def _is_of(self, days: Sequence[date]) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions that hold for the rows of ``days`` that the load replaces."""
        yield self.tables.daily.c.charge_period_start.in_(days)
        yield from in_scope(self.tables.daily, self.chunk.scope)

    def _is_account(self) -> ColumnElement[bool]:
        return of_account(self.tables.daily, self.chunk.account)


def _make_revision_rows(changes: Iterable[Change]) -> Iterator[tuple[Any, ...]]:
    none: tuple[Any, ...] = (None,) * len(AMOUNT)
    for key, before, after in changes:
        yield (*key, *(before or none)[_REVISED], *(after or none)[_REVISED])


def _find_late(added: Collection[UsageRecord], loaded: CellsByDay) -> Iterator[Change]:
    """Yield the changes of rows that are new on a day that had been loaded without them."""
    for record in added if loaded.cells else ():
        key = get_key(record)
        if loaded.have(key[-1], Cell(*key[:3])):
            yield key, None, get_amount(record)
