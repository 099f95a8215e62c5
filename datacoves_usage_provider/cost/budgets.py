"""What a budget is, and which usage counts against it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.cost.alert_rules import AlertRule, parse_alert_rules
from datacoves_usage_provider.cost.tables import ANY, DEFAULT_ALERT_RULES
from datacoves_usage_provider.query import Cell

MATCHED = ("service_provider_name", "billing_account_id", "sub_account_id", "service_name", "sku_meter")
"""The columns of ``usage_budget`` that say which usage counts: a value, or ``'*'`` for any."""
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@dataclass(frozen=True)
class Budget:
    """
    An ``amount``, above 0, for each month from ``start`` up to, but not including, ``end``; None: no bound.

    ``wanted`` has values of the columns ``MATCHED``; one that it lacks may have any.
    """

    name: str
    wanted: Mapping[str, str]
    amount: Decimal
    unit: str
    start: date | None
    end: date | None
    rules: tuple[AlertRule, ...]

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Budget:
        """Return what a row of ``usage_budget`` says; ``ValueError`` if it is one that cannot be checked."""
        if row["x_amount"] <= 0:
            raise ValueError("x_amount must be above 0")
        return cls(
            name=row["x_budget_name"],
            wanted={name: row[name] for name in MATCHED if row[name] not in (None, ANY)},
            amount=row["x_amount"],
            unit=row["x_unit"],
            start=row["x_effective_start"],
            end=row["x_effective_end"],
            rules=parse_alert_rules(row["x_alert_rules"] or DEFAULT_ALERT_RULES),
        )

    @property
    def is_of_money(self) -> bool:
        """Whether ``unit`` is a currency; otherwise it is a meter's unit."""
        return _CURRENCY.fullmatch(self.unit) is not None

    @property
    def cell(self) -> Cell:
        """What must be loaded of an account for all usage to be known that counts."""
        return Cell(self.wanted.get("sub_account_id", ANY), self.wanted.get("service_name", ANY))

    def is_effective(self, month: date) -> bool:
        return (self.start is None or self.start <= month) and (self.end is None or month < self.end)

    def has_account(self, account: BillingAccount) -> bool:
        return self._wants(account._asdict())

    def counts(self, columns: Mapping[str, Any], unit: str | None) -> bool:
        """Tell whether a row of usage counts; one without a price (``unit`` is None) does not in a unit's budget."""
        return self._wants(columns) and unit in ((self.unit, None) if self.is_of_money else (self.unit,))

    def _wants(self, columns: Mapping[str, Any]) -> bool:
        return all(columns.get(name, value) == value for name, value in self.wanted.items())
