"""The month's totals of all accounts, as a task returns them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.report.readings import AccountReadings, Readings
from datacoves_usage_provider.totals import plain


class _Key(NamedTuple):
    sku_meter: str
    consumed_unit: str
    billing_currency: str | None


def make_totals(readings: Readings) -> list[dict[str, Any]]:
    """
    Return plain JSON, one object per account, meter, unit and currency; numbers are decimal text.

    A fixed cost has an empty meter and no quantity; what has no price has neither cost nor currency.
    """
    with localcontext(EXACT):
        return [total for account in readings.read for total in _make_totals(account)]


def _make_totals(account: AccountReadings) -> Iterator[dict[str, Any]]:
    sums: dict[_Key, tuple[Decimal | None, Decimal | None]] = {}
    for key, quantity, cost in _list_amounts(account):
        before = sums.get(key, (None, None))
        sums[key] = _add(before[0], quantity), _add(before[1], cost)
    for key in sorted(sums, key=lambda key: (key.sku_meter, key.consumed_unit, key.billing_currency or "")):
        names = ("consumed_quantity", "effective_cost")
        numbers = {name: _show(number) for name, number in zip(names, sums[key], strict=True)}
        yield {**account.account._asdict(), **key._asdict(), **numbers}


def _list_amounts(account: AccountReadings) -> Iterator[tuple[_Key, Decimal | None, Decimal | None]]:
    if account.costs is None:
        for cell in account.cells:
            if cell.month and cell.meter not in account.not_additive:
                yield _Key(*cell.meter, None), cell.month, None
        return
    for cost in account.costs:
        quantity = cost.quantity if cost.line == "usage" else None
        yield _Key(*cost.meter, cost.currency), quantity, cost.cost


def _show(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)


def _add(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other
