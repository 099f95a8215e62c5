"""The month by sub account and service: the largest rows, and one for all others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from datacoves_usage_provider.report.comparison import Comparison, compare, find_share
from datacoves_usage_provider.report.money import Money, add_money, join_moneys
from datacoves_usage_provider.report.readings import AccountReadings, CellSums, CostLine, ShownMeter
from datacoves_usage_provider.text import count

MOST_ROWS = 50


class CellRow(NamedTuple):
    """One sub account and service in the month; ``share`` is of the meter, from 0 to 1."""

    label: str
    service_name: str
    quantity: Decimal
    share: Decimal
    comparison: Comparison
    money: Money | None


def make_cell_rows(readings: AccountReadings, cells: Sequence[CellSums]) -> Iterator[CellRow]:
    """Yield what has usage in one of the compared spans, or a cost without any, the largest first."""
    total = sum((cell.month for cell in cells), Decimal(0))
    days = len(readings.spans.pairs)
    costs = _sort_costs(readings.costs)
    for cell in sorted(cells, key=lambda cell: (-cell.month, cell.label, cell.service_name)):
        money = None if costs is None else add_money(costs.get(cell[:3], ()))
        if cell.month or cell.before or (money and any(amount for _, amount in money.amounts)):
            share, comparison = find_share(cell.month, total), compare([cell], days)
            yield CellRow(cell.label, cell.service_name, cell.month, share, comparison, money)


def _sort_costs(costs: Sequence[CostLine] | None) -> dict[tuple[str, str, ShownMeter], list[CostLine]] | None:
    if costs is None:
        return None
    found: dict[tuple[str, str, ShownMeter], list[CostLine]] = {}
    for cost in costs:
        if cost.line == "usage":
            found.setdefault((cost.sub_account_id, cost.service_name, cost.meter), []).append(cost)
    return found


def add_cell_rows(rows: Sequence[CellRow], total: Decimal) -> CellRow | None:
    """Return one row for all that a table leaves out, so that its sum is that of the meter."""
    if not rows:
        return None
    moneys = [row.money for row in rows if row.money is not None]
    sums = Comparison(
        sum((row.comparison.now for row in rows), Decimal(0)),
        sum((row.comparison.before for row in rows), Decimal(0)),
        rows[0].comparison.days,
    )
    quantity = sum((row.quantity for row in rows), Decimal(0))
    return CellRow(
        label=count(len(rows), "other"),
        service_name="",
        quantity=quantity,
        share=find_share(quantity, total),
        comparison=sums,
        money=join_moneys(moneys) if moneys else None,
    )
