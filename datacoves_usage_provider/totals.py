"""Sums over records, as the operator gives them to XCom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from operator import attrgetter
from typing import Any

from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.window import UsageWindow


@dataclass(frozen=True)
class UsageTotal:
    """What one sub account used of one service by one meter; ``consumed_quantity`` is in the meter's unit."""

    sub_account_id: str
    service_name: str
    meter: Meter
    billing_currency: str | None
    consumed_quantity: Decimal
    effective_cost: Decimal | None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values: quantities of whole meters are integers, all else is decimal text."""
        is_integer = self.meter.is_whole and self.consumed_quantity == self.consumed_quantity.to_integral_value()
        return {
            "sub_account_id": self.sub_account_id,
            "service_name": self.service_name,
            "sku_meter": self.meter.name,
            "consumed_unit": self.meter.unit,
            "consumed_quantity": int(self.consumed_quantity) if is_integer else plain(self.consumed_quantity),
            "effective_cost": None if self.effective_cost is None else plain(self.effective_cost),
            "billing_currency": self.billing_currency,
        }


_Key = tuple[str, str, Meter, "str | None"]
_get_key: Callable[[UsageRecord], _Key] = attrgetter("sub_account_id", "service_name", "meter", "billing_currency")


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
        """Return the totals, sorted by sub account, service, meter, unit and currency, null first."""
        return [UsageTotal(*key, *self._sums[key]) for key in sorted(self._sums, key=_sort_key)]


def _sort_key(key: _Key) -> tuple[str | bool, ...]:
    sub_account, service, meter, currency = key
    return sub_account, service, meter.name, meter.unit, currency is not None, currency or ""


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


class PeriodTotals:
    """
    Sums over the days of ``period`` alone.

    Meters whose days do not add up have a total only where it is a single day, or from the vendor's own month.
    """

    def __init__(self, period: UsageWindow) -> None:
        self._days = frozenset(period.days)
        self._totals = UsageTotals()

    def add(self, records: Iterable[UsageRecord]) -> None:
        self._totals.add(
            record
            for record in records
            if record.charge_period_start in self._days and (record.meter.is_additive or len(self._days) == 1)
        )

    def add_month(self, records: Iterable[UsageRecord]) -> None:
        """Add the vendor's own figures of the period, for the meters whose days do not add up."""
        self._totals.add(record for record in records if not record.meter.is_additive)

    def to_json(self) -> list[dict[str, Any]]:
        return [total.to_json() for total in self._totals.get()]
