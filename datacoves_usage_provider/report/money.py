"""Sums of money: one for each currency, and beside them what has no price."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import NamedTuple

from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.report.numbers import count_decimals, is_long
from datacoves_usage_provider.report.readings import CostLine


class Money(NamedTuple):
    """``amounts`` by currency, which are never added up; ``unpriced_rows`` are in none of them."""

    amounts: tuple[tuple[str, Decimal], ...]
    unpriced_rows: int


def add_money(costs: Iterable[CostLine]) -> Money:
    found = list(costs)
    priced = ((cost.currency, cost.cost) for cost in found)
    return Money(add_amounts(priced), sum(cost.unpriced_rows for cost in found))


def join_moneys(moneys: Iterable[Money]) -> Money:
    found = list(moneys)
    amounts = add_amounts(amount for money in found for amount in money.amounts)
    return Money(amounts, sum(money.unpriced_rows for money in found))


def add_amounts(amounts: Iterable[tuple[str | None, Decimal | None]]) -> tuple[tuple[str, Decimal], ...]:
    sums: dict[str, Decimal] = {}
    with localcontext(EXACT):  # pages add up, too
        for currency, amount in amounts:
            if currency is not None and amount is not None:
                sums[currency] = sums.get(currency, Decimal(0)) + amount
    return tuple(sorted(sums.items()))


def find_places(moneys: Iterable[Iterable[tuple[str, Decimal]]]) -> int:
    """Return how many decimals amounts need to stand below each other: none if all are whole, else at least two."""
    amounts = [amount for money in moneys for _, amount in money]
    # Amounts with more decimals than a person reads are rounded, so they need no more than two.
    most = max((2 if is_long(amount) else count_decimals(amount) for amount in amounts), default=0)
    return max(most, 2) if most else 0
