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

from datacoves_usage_provider.chunk import ANY, PARTS, BillingAccount, Scope, UsageChunk
from datacoves_usage_provider.warehouse.conditions import of_account

LOG_COLUMNS = (*PARTS, "charge_period_start", "x_records")
Part = tuple[str, str, str]


class LoggedDays(NamedTuple):
    """The parts of an account that the log has, by day."""

    parts: dict[date, set[Part]]

    def have(self, day: date, part: Part) -> bool:
        """Tell whether a load covered ``part`` of ``day``: it named each of its ids, or ``'*'``."""
        return any(
            all(logged in (wanted, ANY) for logged, wanted in zip(row, part, strict=True))
            for row in self.parts.get(day, ())
        )


def read_logged_days(connection: Connection, log: Table, account: BillingAccount, days: Iterable[date]) -> LoggedDays:
    """Return what the log has of ``days`` of ``account``."""
    query = (
        select(log.c.charge_period_start, *(log.c[name] for name in PARTS))
        .distinct()
        .where(of_account(log, account))
        .where(log.c.charge_period_start.in_(list(days)))
    )
    parts: dict[date, set[Part]] = {}
    for day, *part in connection.execute(query):
        parts.setdefault(day, set()).add(tuple(part))
    return LoggedDays(parts)


def get_parts(scope: Scope) -> Iterator[Part]:
    """Yield the parts that ``scope`` asks for, ``'*'`` where it does not narrow."""
    sub_accounts, services, resources = (scope.get(name, (ANY,)) for name in PARTS)
    return product(sub_accounts, services, resources)


def make_log_rows(chunk: UsageChunk, scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Yield the ``LOG_COLUMNS`` of each day of ``chunk`` and part of ``scope``, those without records included."""
    narrowed = [index for index, name in enumerate(PARTS) if name in scope]
    # The day twice, so that there is a tuple also where nothing is narrowed.
    day_and_part = attrgetter("charge_period_start", "charge_period_start", *(PARTS[index] for index in narrowed))
    counts = Counter(map(day_and_part, chunk.records))
    for day, part in product(chunk.days, get_parts(scope)):
        yield (*part, day, counts[(day, day, *(part[index] for index in narrowed))])
