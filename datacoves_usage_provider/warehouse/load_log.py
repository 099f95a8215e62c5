"""Which days were loaded, for which part of an account: zero is not missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import product
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk
from datacoves_usage_provider.query import ANY, DIMENSIONS, Cell, Scope
from datacoves_usage_provider.warehouse.conditions import of_account

LOG_COLUMNS = (*DIMENSIONS, "charge_period_start", "x_records")


class LoggedDays(NamedTuple):
    """The cells of an account that the log has, by day."""

    cells: dict[date, set[Cell]]

    def have(self, day: date, cell: Cell) -> bool:
        """Tell whether a load covered ``cell`` of ``day``: it named each of its ids, or ``'*'``."""
        return any(
            all(logged in (wanted, ANY) for logged, wanted in zip(row, cell, strict=True))
            for row in self.cells.get(day, ())
        )


def read_logged_days(connection: Connection, log: Table, account: BillingAccount, days: Iterable[date]) -> LoggedDays:
    """Return what the log has of ``days`` of ``account``."""
    query = (
        select(log.c.charge_period_start, *(log.c[name] for name in DIMENSIONS))
        .distinct()
        .where(of_account(log, account))
        .where(log.c.charge_period_start.in_(list(days)))
    )
    cells: dict[date, set[Cell]] = {}
    for day, *ids in connection.execute(query):
        cells.setdefault(day, set()).add(Cell(*ids))
    return LoggedDays(cells)


def make_log_rows(chunk: UsageChunk, scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Yield the ``LOG_COLUMNS`` of each day of ``chunk`` and cell of ``scope``, those without records included."""
    narrowed = [DIMENSIONS.index(name) for name in scope.narrowed]
    # The day is there twice, so that attrgetter returns a tuple even if nothing is narrowed.
    day_and_ids = attrgetter("charge_period_start", "charge_period_start", *scope.narrowed)
    counts = Counter(map(day_and_ids, chunk.records))
    for day, cell in product(chunk.days, scope.cells):
        yield (*cell, day, counts[(day, day, *(cell[index] for index in narrowed))])
