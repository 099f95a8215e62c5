"""Sums over records, as the operator gives them to XCom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from operator import attrgetter
from typing import Any

from datacoves_usage_provider.records import EXACT, UsageRecord

_WHOLE_UNITS = frozenset({"Minutes", "Rows", "Requests", "Runs"})


@dataclass(frozen=True)
class UsageTotal:
    """What one sub account used of one service by one meter; ``consumed_quantity`` in ``consumed_unit``."""

    sub_account_id: str
    service_name: str
    sku_meter: str
    consumed_unit: str
    billing_currency: str | None
    consumed_quantity: Decimal
    effective_cost: Decimal | None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values: quantities of countable units are integers, all else is decimal text."""
        return {
            "sub_account_id": self.sub_account_id,
            "service_name": self.service_name,
            "sku_meter": self.sku_meter,
            "consumed_unit": self.consumed_unit,
            "consumed_quantity": _quantity(self.consumed_quantity, self.consumed_unit),
            "effective_cost": None if self.effective_cost is None else plain(self.effective_cost),
            "billing_currency": self.billing_currency,
        }


_KEY = ("sub_account_id", "service_name", "sku_meter", "consumed_unit", "billing_currency")
_Key = tuple[str, str, str, str, "str | None"]
_get_key: Callable[[UsageRecord], _Key] = attrgetter(*_KEY)


class UsageTotals:
    """Running sums, one per (sub account, service, meter, unit, currency); memory does not grow with days."""

    def __init__(self) -> None:
        self._sums: dict[_Key, tuple[Decimal, Decimal | None]] = {}

    def add(self, records: Iterable[UsageRecord]) -> None:
        groups: dict[_Key, list[UsageRecord]] = {}
        for record in records:
            groups.setdefault(_get_key(record), []).append(record)
        with localcontext(EXACT):
            for key, group in groups.items():
                quantity, cost = self._sums.get(key, (Decimal(0), Decimal(0)))
                self._sums[key] = sum((record.consumed_quantity for record in group), quantity), _add_costs(cost, group)

    def get(self) -> list[UsageTotal]:
        """Return the totals, sorted by their key with null first."""
        keys = sorted(self._sums, key=lambda key: tuple((part is not None, part or "") for part in key))
        return [UsageTotal(*key, *self._sums[key]) for key in keys]


def _add_costs(cost: Decimal | None, records: Iterable[UsageRecord]) -> Decimal | None:
    """Add as ``add_costs`` does, but many records at once and in the caller's context: that is four times as fast."""
    for record in records:
        if cost is None or record.effective_cost is None:
            return None
        cost += record.effective_cost
    return cost


def plain(number: Decimal) -> str:
    """Write a number without exponent and trailing zeros: ``12.5``, ``100``, ``0``."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _quantity(number: Decimal, unit: str) -> int | str:
    if unit in _WHOLE_UNITS and number == number.to_integral_value():
        return int(number)
    return plain(number)
