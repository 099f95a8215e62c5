"""What the tables must hold after loads that came one after the other, in dicts; and what they do hold, to compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple

from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.query import Scope

# The last of each is one that no filter names and no record has: a load that did not narrow covers it, too.
IDS = {
    "sub_account_id": ("dev", "test", "prod", "nobody's"),
    "service_name": ("airflow", "airbyte", "nobody's"),
    "resource_id": ("", "flow", "nobody's"),
}
Cell = tuple[str, date, str, str, str]
"""Account, day, sub account, service, resource: the smallest thing that a load covers or does not."""


class Tables(NamedTuple):
    """Rows of the three tables that say what was used; ``x_loaded_at`` is left out, ``x_run_id`` names the load."""

    daily: Counter[Any]
    revisions: Counter[Any]
    log: Counter[Any]


class Model:
    def __init__(self) -> None:
        self.daily: dict[tuple[Any, ...], tuple[Any, str]] = {}  # what a row says, and the load that last changed it
        self.cells: set[Cell] = set()
        self.revisions: Counter[Any] = Counter()
        self.log: Counter[Any] = Counter()

    def load(self, run: str, chunk: UsageChunk) -> tuple[int, int, int]:
        """Return how many rows were added, changed and removed."""
        covered = set(find_cells(chunk.account.billing_account_id, chunk.days, chunk.scope))
        before = {key: state for key, (state, _) in self.daily.items() if key[:5] in covered}
        after = {_make_key(chunk, record): _get_state(record) for record in chunk.records}
        changed = [key for key in before.keys() | after.keys() if before.get(key, ())[:4] != after.get(key, ())[:4]]
        self.revisions.update(
            (run, key, _get_numbers(before.get(key)), _get_numbers(after.get(key)))
            for key in changed
            if key[:5] in self.cells
        )
        self.daily = {key: row for key, row in self.daily.items() if key not in before or key in after}
        self.daily |= {key: (state, run) for key, state in after.items() if before.get(key) != state}
        self.cells |= covered
        self.log.update(_make_log(run, chunk))
        added, removed = len(after.keys() - before.keys()), len(before.keys() - after.keys())
        return added, len(changed) - added - removed, removed

    def find_missing_days(self, account: str, days: Iterable[date], scope: Scope) -> list[date]:
        return [day for day in days if not self.cells.issuperset(find_cells(account, [day], scope))]

    @property
    def tables(self) -> Tables:
        rows = Counter((key, state, run) for key, (state, run) in self.daily.items())
        return Tables(rows, self.revisions, self.log)


def find_cells(account: str, days: Iterable[date], scope: Scope) -> Iterator[Cell]:
    return product((account,), days, *(scope.narrowed.get(name, ids) for name, ids in IDS.items()))


def _make_key(chunk: UsageChunk, record: Any) -> tuple[Any, ...]:
    cell = (record.charge_period_start, record.sub_account_id, record.service_name, record.resource_id)
    return (chunk.account.billing_account_id, *cell, record.sku_meter)


def _get_state(record: Any) -> tuple[Any, ...]:
    """Return the three numbers that a revision has, the unit and a name."""
    numbers = (record.consumed_quantity, record.effective_cost, record.billing_currency)
    return (*numbers, record.meter.unit, record.resource_name)


def _get_numbers(state: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    return None if state is None else state[:3]


def _make_log(run: str, chunk: UsageChunk) -> Iterator[tuple[Any, ...]]:
    for day, *ids in product(chunk.days, *(chunk.scope.narrowed.get(name, ("*",)) for name in IDS)):
        wanted = {name: one for name, one in zip(IDS, ids, strict=True) if one != "*"} | {"charge_period_start": day}
        records = [r for r in chunk.records if all(getattr(r, name) == one for name, one in wanted.items())]
        yield run, chunk.account.billing_account_id, day, *ids, len(records)


DAILY = """
SELECT billing_account_id, charge_period_start, sub_account_id, service_name, resource_id, sku_meter,
consumed_quantity, effective_cost, billing_currency, consumed_unit, resource_name, x_run_id FROM usage_daily
"""
REVISIONS = """
SELECT x_run_id, billing_account_id, charge_period_start, sub_account_id, service_name, resource_id, sku_meter,
x_consumed_quantity_before, x_effective_cost_before, x_billing_currency_before,
x_consumed_quantity_after, x_effective_cost_after, x_billing_currency_after FROM usage_revision
"""
LOG = """
SELECT x_run_id, billing_account_id, charge_period_start, sub_account_id, service_name, resource_id, x_records
FROM usage_load_log
"""


def read_tables(warehouse: Any) -> Tables:
    """Read by plain SQL, not through the package's tables: a mistake there is not repeated here."""
    return Tables(
        Counter(
            (_read_key(row[:6]), (*(_read_amount(row[6:9]) or ()), *row[9:11]), row[11])
            for row in warehouse.query(DAILY)
        ),
        Counter(
            (row[0], _read_key(row[1:7]), _read_amount(row[7:10]), _read_amount(row[10:]))
            for row in warehouse.query(REVISIONS)
        ),
        Counter((*row[:2], _read_day(row[2]), *row[3:]) for row in warehouse.query(LOG)),
    )


def _read_day(day: Any) -> date:
    return day if isinstance(day, date) else date.fromisoformat(day)


def _read_key(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (row[0], _read_day(row[1]), *row[2:])


def _read_amount(row: tuple[Any, ...]) -> tuple[Any, ...] | None:
    quantity, cost, currency = row
    if quantity is None:
        return None
    return Decimal(str(quantity)), None if cost is None else Decimal(str(cost)), currency
