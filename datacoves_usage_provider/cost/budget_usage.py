"""The usage that counts against a budget, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from datetime import date
from decimal import Decimal, localcontext
from typing import NamedTuple

from datacoves_usage_provider.chunk import BillingAccount
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
    What counts against ``budget`` up to and including ``as_of``; ``loaded`` are the days that were loaded whole.

    ``accounts`` are those with usage that matches, be it without a price. ``movers`` are the values of the first of sub
    account, service and resource that the budget leaves open.
    """

    def __init__(self, budget: Budget, as_of: date, loaded: Set[date] = frozenset()) -> None:
        self.budget = budget
        self.as_of = as_of
        self.loaded = loaded
        self.accounts: set[BillingAccount] = set()
        self.unpriced_rows = 0
        self.movers: defaultdict[Mover, defaultdict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self._names: dict[Mover, tuple[date, str | None]] = {}
        self._priced: defaultdict[tuple[str, ...], set[date]] = defaultdict(set)
        self._others: defaultdict[tuple[str, ...], set[date]] = defaultdict(set)
        self._month = get_month(as_of)
        self._dimension = next(name for name in _NAMES if name not in budget.wanted)

    def add(self, row: UsageRow) -> None:
        """Add a row that concerns the budget, in the caller's decimal context."""
        day = row.charge_period_start
        if row.unit != self.budget.unit or row.amount is None:
            self.unpriced_rows += row.unit is None and day in self._month
            return
        value = getattr(row, self._dimension)
        mover = Mover(self._dimension, row.service_provider_name, row.billing_account_id, value)
        self.movers[mover][day] += row.amount
        named = self._names.get(mover)
        if named is None or named[0] < day:
            self._names[mover] = day, getattr(row, _NAMES[self._dimension])

    @property
    def has_usage(self) -> bool:
        return bool(self.accounts)

    def open_series(self, row: UsageRow) -> set[date]:
        """Return the set for the days of rows like ``row``, whose price begins, changes or ends for all at once."""
        if row.unit in (self.budget.unit, None):
            self.accounts.add(BillingAccount(row.service_provider_name, row.billing_account_id))
        days = self._priced if row.unit == self.budget.unit else self._others
        return days[row.service_provider_name, row.billing_account_id, row.service_name, row.sku_meter]

    def get_name(self, mover: Mover) -> str | None:
        """Return the name that ``mover`` had last."""
        return self._names[mover][1]

    @property
    def unpriced(self) -> Set[date]:
        """
        The days on which some usage has no price in the budget's currency, though other such usage has one.

        All, if nothing has.
        """
        if not self._priced:
            return self.loaded
        return set().union(*(self._others[series] - days for series, days in self._priced.items()))

    @property
    def history(self) -> UsageHistory:
        known: defaultdict[date, Decimal] = defaultdict(Decimal)
        with localcontext(EXACT):
            for daily in self.movers.values():
                for day, amount in daily.items():
                    known[day] += amount
        return UsageHistory(self.as_of, self.loaded, known, self.unpriced)


def add_up(usages: Sequence[BudgetUsage], rows: Iterable[UsageRow]) -> None:
    """Add each row to those of ``usages`` whose budget it concerns."""
    # Few keys, but a row for each day.
    concerned: dict[tuple[str | None, ...], list[tuple[BudgetUsage, set[date]]]] = {}
    with localcontext(EXACT):
        for row in rows:
            key = row[:6]
            if key not in concerned:
                columns = row._asdict()
                concerned[key] = [
                    (usage, usage.open_series(row)) for usage in usages if usage.budget.concerns(columns, row.unit)
                ]
            for usage, days in concerned[key]:
                days.add(row.charge_period_start)
                usage.add(row)
