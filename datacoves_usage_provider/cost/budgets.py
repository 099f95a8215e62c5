"""What a budget is, and which usage counts against it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from datacoves_usage_provider.cost.alert_rules import AlertRule, parse_alert_rules
from datacoves_usage_provider.cost.cells import is_currency
from datacoves_usage_provider.cost.tables import ANY, DEFAULT_ALERT_RULES
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.query import Cell
from datacoves_usage_provider.text import list_names, quote

MATCHED = ("service_provider_name", "billing_account_id", "sub_account_id", "service_name", "sku_meter")
"""The columns of ``usage_budget`` that say which usage counts: a value, or ``'*'`` for any."""
_REQUIRED = ("x_budget_name", "x_amount", "x_unit")


@dataclass(frozen=True)
class Budget:
    """
    An ``amount`` above 0 for a month, in ``unit``: a currency, or a unit of meters.

    ``wanted`` has values of the columns ``MATCHED``; one that it lacks may have any.
    """

    name: str
    wanted: Mapping[str, str]
    amount: Decimal
    unit: str
    rules: tuple[AlertRule, ...]

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Budget:
        """Return what a row of ``usage_budget`` says; ``ValueError`` if it is one that cannot be checked."""
        if empty := [name for name in _REQUIRED if row[name] is None]:
            raise ValueError(f"{' and '.join(empty)} must not be empty")
        if not row["x_amount"] > 0:
            raise ValueError("x_amount must be above 0")
        return cls(
            name=row["x_budget_name"],
            wanted={name: row[name] for name in MATCHED if row[name] not in (None, ANY)},
            amount=row["x_amount"],
            unit=row["x_unit"],
            rules=parse_alert_rules((row["x_alert_rules"] or "").strip() or DEFAULT_ALERT_RULES),
        )

    @property
    def is_of_money(self) -> bool:
        """Whether ``unit`` is a currency; otherwise it is a meter's unit."""
        return is_currency(self.unit)

    @property
    def cell(self) -> Cell:
        """What must be loaded of an account for all usage to be known that counts."""
        return Cell(self.wanted.get("sub_account_id", ANY), self.wanted.get("service_name", ANY))

    def concerns(self, columns: Mapping[str, Any], unit: str | None) -> bool:
        """Tell whether a row of usage in ``unit`` concerns the budget; to one of money, any does that it names."""
        return self.may_match(columns) and (unit == self.unit or self.is_of_money)

    def may_match(self, columns: Mapping[str, Any]) -> bool:
        """Tell whether the budget names no other value of any of ``columns``."""
        return all(columns.get(name, value) == value for name, value in self.wanted.items())


def choose_budgets(
    rows: Collection[Mapping[str, Any]], month: date, names: Collection[str] | None
) -> tuple[list[Budget], list[str]]:
    """
    Return the budgets of ``rows`` that are effective in ``month``, by name, and warnings about the others of ``names``.

    None: all that are effective. Nobody may have checked the rows: a name that none has, or rows that cannot be checked
    are a ``UsageConfigError`` that lists them all.
    """
    found = [row for row in rows if names is None or row["x_budget_name"] in names]
    _check_names(names or (), {row["x_budget_name"] for row in rows}.difference([None]))
    effective = [row for row in found if _is_effective(row, month)]
    budgets = _parse_rows(effective)
    left_out = sorted(set(names or ()).difference(budget.name for budget in budgets))
    return budgets, [
        f"Budget {quote(name)} is not effective in {month:%Y-%m}, so it was left out." for name in left_out
    ]


def _is_effective(row: Mapping[str, Any], month: date) -> bool:
    start, end = row["x_effective_start"], row["x_effective_end"]
    return (start is None or start <= month) and (end is None or month < end)


def _check_names(wanted: Iterable[str], known: Collection[str]) -> None:
    if unknown := sorted(set(wanted).difference(known)):
        raise UsageConfigError(
            f"usage_budget has no budget {list_names(unknown)}; it has: {list_names(known) or 'none'}."
        )


def _parse_rows(rows: Iterable[Mapping[str, Any]]) -> list[Budget]:
    """Return a budget for each name. A row that is there twice is one."""
    budgets: dict[str, Budget] = {}
    problems: list[str] = []
    for row in rows:
        name = row["x_budget_name"]
        try:
            budget = Budget.from_row(row)
        except ValueError as error:
            problems.append(f"{quote(name)}: {error}")
            continue
        if budgets.setdefault(name, budget) != budget:
            problems.append(f"{quote(name)}: there are two different rows of this name")
    if problems:
        raise UsageConfigError(f"usage_budget has budgets that cannot be checked. {'; '.join(problems)}.")
    return [budgets[name] for name in sorted(budgets)]
