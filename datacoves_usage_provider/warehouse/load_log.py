"""Which days were loaded, for which part of an account: zero is not missing."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import product
from operator import attrgetter
from typing import Any

from sqlalchemy import Table, select, union
from sqlalchemy.engine import Connection

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk
from datacoves_usage_provider.query import DIMENSIONS, Cell, CellsByDay, Scope
from datacoves_usage_provider.warehouse.conditions import of_account

LOG_COLUMNS = (*DIMENSIONS, "charge_period_start", "x_records")


def read_loaded_days(
    connection: Connection, tables: Iterable[Table], account: BillingAccount, days: Collection[date]
) -> CellsByDay:
    """Return the cells of ``days`` of ``account`` of which one of ``tables``, such as the load log, has a row."""
    if not days:
        return CellsByDay({})
    found = union(*(_select_cells(table, account, list(days)) for table in tables))
    cells: dict[date, set[Cell]] = {}
    for day, *names in connection.execute(found):
        cells.setdefault(day, set()).add(Cell(*map(sys.intern, names)))  # few names, but a row for each day
    return CellsByDay(cells)


def _select_cells(table: Table, account: BillingAccount, days: list[date]) -> Any:
    columns = (table.c[name] for name in ("charge_period_start", *DIMENSIONS))
    return select(*columns).where(of_account(table, account), table.c.charge_period_start.in_(days))


class RecordCounts:
    """How many records of a chunk each day and cell has; to count them takes a moment, which is not the lock's."""

    def __init__(self, chunk: UsageChunk) -> None:
        self._days = chunk.days
        self._narrowed = [DIMENSIONS.index(name) for name in chunk.scope.narrowed]
        columns = ("charge_period_start", *chunk.scope.narrowed)
        self._counts = Counter(zip(*(map(attrgetter(name), chunk.records) for name in columns), strict=True))

    def make_log_rows(self, scope: Scope) -> Iterator[tuple[Any, ...]]:
        """Yield the ``LOG_COLUMNS`` of each day and cell of ``scope``, those without records included."""
        for day, cell in product(self._days, scope.cells):
            yield (*cell, day, self._counts[(day, *(cell[index] for index in self._narrowed))])
