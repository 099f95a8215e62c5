"""Who moved the last day: what differs most from the same weekdays before it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import NamedTuple

from datacoves_usage_provider.report.comparison import ROUNDED, divide
from datacoves_usage_provider.report.readings import CellSums

MOST_MOVERS = 5


class Mover(NamedTuple):
    label: str
    service_name: str
    difference: Decimal
    usual: Decimal


def find_movers(cells: Iterable[CellSums], usual_days: int) -> list[Mover]:
    """Return what differs most from the same weekdays before, the largest difference first."""
    movers = [_make_mover(cell, usual_days) for cell in cells]
    moved = sorted((each for each in movers if each.difference), key=lambda each: (-abs(each.difference), each.label))
    return moved[:MOST_MOVERS]


def _make_mover(cell: CellSums, usual_days: int) -> Mover:
    usual = divide(cell.usual, usual_days)
    with localcontext(ROUNDED):
        return Mover(cell.label, cell.service_name, cell.last - usual, usual)
