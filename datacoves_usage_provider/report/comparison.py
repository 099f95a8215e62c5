"""Numbers beside each other: equal spans of days, means and shares."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.report.numbers import show_change
from datacoves_usage_provider.report.readings import CellSums

ROUNDED = Context(prec=EXACT.prec)
"""For means and shares, which have no last digit."""


class Comparison(NamedTuple):
    """The same number of loaded ``days`` of two spans."""

    now: Decimal
    before: Decimal
    days: int

    @property
    def change(self) -> str | None:
        return show_change(self.now, self.before)


def compare(cells: Iterable[CellSums], days: int) -> Comparison:
    found = list(cells)
    now, before = (sum((getattr(cell, name) for cell in found), Decimal(0)) for name in ("now", "before"))
    return Comparison(now, before, days)


def divide(total: Decimal, days: int) -> Decimal:
    with localcontext(ROUNDED):
        return total / days


def find_share(quantity: Decimal, total: Decimal) -> Decimal:
    if total <= 0:
        return Decimal(0)
    with localcontext(ROUNDED):
        return quantity / total
