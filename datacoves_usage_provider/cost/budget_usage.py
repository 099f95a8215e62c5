"""The usage that counts against a budget, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from datetime import date
from decimal import Decimal, localcontext
from typing import NamedTuple

from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.cost.budgets import Budget
from datacoves_usage_provider.cost.forecast import UsageHistory, get_month
from datacoves_usage_provider.cost.rises import Mover

_NAMES = {"sub_account_id": "sub_account_name", "service_name": "service_name", "resource_id": "resource_name"}
"""The dimensions by which a budget's usage can be told apart, and where their names are."""


class UsageRow(NamedTuple):
    """
    What one resource used on one day by one meter, in the meter's unit or as money.

    ``amount`` and ``unit`` are None for usage that has no price.
    """

    service_provider_name: str
    billing_account_id: str
    sub_account_id: str
    service_name: str
    sku_meter: str
    unit: str | None
    resource_id: str
    sub_account_name: str | None
    resource_name: str | None
    charge_period_start: date
    amount: Decimal | None


class BudgetUsage:
    """
    What counts against ``budget`` up to and including ``as_of``; ``loaded`` are the days that are known whole.

    ``has_rows``: some usage matches, be it without a price. ``movers`` are the values of the first of sub account,
    service and resource that the budget leaves open.
    """

    def __init__(self, budget: Budget, as_of: date, loaded: Set[date]) -> None:
        self.budget = budget
        self.as_of = as_of
        self.loaded = loaded
        self.has_rows = False
        self.unpriced_rows = 0
        self.movers: defaultdict[Mover, defaultdict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self.names: dict[Mover, str | None] = {}
        self._month = get_month(as_of)
        self._dimension = next(name for name in _NAMES if name not in budget.wanted)

    def add(self, row: UsageRow) -> None:
        """Add a row that counts, in the caller's decimal context."""
        self.has_rows = True
        if row.amount is None:
            self.unpriced_rows += row.charge_period_start in self._month
            return
        value = getattr(row, self._dimension)
        mover = Mover(self._dimension, row.service_provider_name, row.billing_account_id, value)
        self.movers[mover][row.charge_period_start] += row.amount
        self.names[mover] = getattr(row, _NAMES[self._dimension])

    @property
    def history(self) -> UsageHistory:
        known: defaultdict[date, Decimal] = defaultdict(Decimal)
        with localcontext(EXACT):
            for daily in self.movers.values():
                for day, amount in daily.items():
                    known[day] += amount
        return UsageHistory(self.as_of, self.loaded, known)


def add_up(usages: Sequence[BudgetUsage], rows: Iterable[UsageRow]) -> None:
    """Add each row to those of ``usages`` against whose budget it counts."""
    counting: dict[tuple[str | None, ...], list[BudgetUsage]] = {}  # few keys, but a row for each day
    with localcontext(EXACT):
        for row in rows:
            key = row[:6]
            if key not in counting:
                counting[key] = [usage for usage in usages if usage.budget.counts(row._asdict(), row.unit)]
            for usage in counting[key]:
                usage.add(row)
