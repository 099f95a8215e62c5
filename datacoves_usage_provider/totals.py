"""The sums of a period, as the operator gives them to XCom and to its log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from operator import attrgetter
from typing import Any, Literal

from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.records import UsageRecord, add_costs
from datacoves_usage_provider.window import UsageWindow

_Key = tuple["str | None", "str | None", Meter, "str | None"]
_Sums = dict[_Key, tuple[Decimal, "Decimal | None"]]
_NOTHING = Decimal(0), Decimal(0)
_get_key: Callable[[UsageRecord], _Key] = attrgetter("sub_account_id", "service_name", "meter", "billing_currency")
_get_name = attrgetter("name")

Grain = Literal["sub_account", "service", "meter"]
GRAINS: tuple[Grain, ...] = ("sub_account", "service", "meter")
"""What a total is of: each sub account and service; each service, all sub accounts added up; all of both."""


@dataclass(frozen=True)
class UsageTotal:
    """
    What a sub account used of a service by one meter, in whose unit ``consumed_quantity`` is.

    A ``sub_account_id`` or ``service_name`` of None: all of them together.
    """

    sub_account_id: str | None
    service_name: str | None
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


class PeriodTotals:
    """
    Running sums over the days of ``period`` alone; memory does not grow with days.

    Meters whose days do not add up have a total only where it is a single day, or from the vendor's own month.
    ``names`` has those of the sub accounts, by id, where the API gives any.
    """

    def __init__(self, period: UsageWindow) -> None:
        self.names: dict[str, str] = {}
        self._days = frozenset(period.days)
        self._meters: set[Meter] = set()
        self._sums: _Sums = {}

    def add(self, records: Iterable[UsageRecord], *, are_monthly: bool = False) -> None:
        """Add what ``records`` say of the period; ``are_monthly``: the vendor's own figures of the month that it is."""
        groups: defaultdict[_Key, list[UsageRecord]] = defaultdict(list)
        for record in records:
            if record.charge_period_start in self._days:
                groups[_get_key(record)].append(record)
        self._meters.update(meter for _, _, meter, _ in groups)
        with localcontext(EXACT):
            for key, group in groups.items():
                if self._has_total(key[2], are_monthly):
                    quantity, cost = self._sums.get(key, _NOTHING)
                    quantity = sum((record.consumed_quantity for record in group), quantity)
                    self._sums[key] = quantity, _add_costs(cost, [record.effective_cost for record in group])
                    if name := group[-1].sub_account_name:
                        self.names[group[-1].sub_account_id] = name

    def get(self, grain: Grain = "sub_account") -> list[UsageTotal]:
        """Return the totals, sorted by sub account, service, meter, unit and currency, null first."""
        added_up = GRAINS.index(grain)
        sums: _Sums = {}
        for key, (quantity, cost) in self._sums.items():
            coarse: Any = (*(None,) * added_up, *key[added_up:])
            before, cost_before = sums.get(coarse, _NOTHING)
            sums[coarse] = EXACT.add(before, quantity), add_costs(cost_before, cost)
        return [UsageTotal(*key, *sums[key]) for key in sorted(sums, key=_sort_key)]

    def find_meters_without_total(self) -> list[Meter]:
        """Return the meters that have records in the period, but no total, because its days do not add up."""
        return sorted(self._meters.difference(meter for _, _, meter, _ in self._sums), key=_get_name)

    def _has_total(self, meter: Meter, are_monthly: bool) -> bool:
        return not meter.is_additive if are_monthly else meter.is_additive or len(self._days) == 1


def _sort_key(key: _Key) -> tuple[str | bool, ...]:
    sub_account, service, meter, currency = key
    return sub_account or "", service or "", meter.name, meter.unit, currency is not None, currency or ""


def _add_costs(cost: Decimal | None, others: Sequence[Decimal | None]) -> Decimal | None:
    """Add as ``add_costs`` does, but many at once and in the caller's context: that is four times as fast."""
    known = [other for other in others if other is not None]
    return None if cost is None or len(known) < len(others) else sum(known, cost)


def plain(number: Decimal) -> str:
    """Write a number without exponent and trailing zeros: ``12.5``, ``100``, ``0``."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
