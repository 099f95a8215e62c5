"""Statuses and alerts in the warehouse: each alert once, whoever else checks the same budgets at the moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.engine import Connection

from datacoves_usage_provider.columns import TEXT_LENGTH
from datacoves_usage_provider.cost.alert_rules import AlertRule
from datacoves_usage_provider.cost.budgets import Budget
from datacoves_usage_provider.cost.tables import CostTables
from datacoves_usage_provider.exceptions import BudgetGoneError, WarehouseUnavailableError
from datacoves_usage_provider.text import quote, shorten
from datacoves_usage_provider.totals import plain


class NotifierError(Exception):
    """A notifier raised something."""


class AlertKey(NamedTuple):
    """What alerts once."""

    budget_name: str
    month: date
    rule: str
    amount: Decimal


@dataclass(frozen=True)
class Alert:
    """A rule of a budget that fires, because of ``value``."""

    budget: Budget
    as_of: date
    rule: AlertRule
    value: Decimal
    text: str

    def __str__(self) -> str:
        return f"Alert {self.rule} of budget {quote(self.budget.name)}"

    @property
    def key(self) -> AlertKey:
        return AlertKey(self.budget.name, self.as_of.replace(day=1), str(self.rule), self.budget.amount)

    def to_json(self) -> dict[str, str]:
        """Return the entry of the task's XCom."""
        key = self.key
        return {"budget_name": key.budget_name, "month": f"{key.month:%Y-%m}", "rule": key.rule, "text": self.text}

    def to_context(self) -> dict[str, str]:
        """Return what notifiers find under ``usage_alert``."""
        return {
            **self.to_json(),
            "budget_name": shorten(self.budget.name, TEXT_LENGTH),  # in one line, as for the subject of a mail
            "amount": plain(self.budget.amount),
            "unit": self.budget.unit,
            "value": plain(self.value),
        }

    def to_row(self) -> dict[str, Any]:
        """Return its values of the columns of ``usage_alert``, but for who wrote them and when."""
        return {
            "x_budget_name": self.key.budget_name,
            "billing_period_start": self.key.month,
            "x_rule": self.key.rule,
            "x_amount": self.budget.amount,
            "x_unit": self.budget.unit,
            "x_value": self.value,
            "x_as_of": self.as_of,
            "x_text": self.text,
        }


class NotifierCall:
    """
    One call of notifiers. ``error`` is what they raised, or that they did not return; None: neither.

    It is kept here because a transaction that they keep waiting for too long ends with an error of the database.
    """

    def __init__(self, notify: Callable[[Mapping[str, str]], None]) -> None:
        self._notify = notify
        self.has_returned = False
        self.error: Exception | None = None

    def __call__(self, alert: Alert) -> None:
        self.error = TimeoutError("the notifiers did not return")
        try:
            self._notify(alert.to_context())
        except Exception as error:
            self.error = error
            raise NotifierError from error  # apart from errors of the warehouse, which may be of the same type
        self.has_returned = True
        self.error = None

    def leaves_others(self, error: Exception) -> bool:
        """Tell whether ``error``, with which the transaction of the call ended, is likely that of its alert alone."""
        if self.has_returned:
            return isinstance(error, WarehouseUnavailableError)  # its session may have ended while they ran
        return self.error is not None or isinstance(error, BudgetGoneError)


def replace_statuses(connection: Connection, tables: CostTables, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write ``rows`` in place of those of the same budget, month and day."""
    # In this order, so that no two checks each have what the other waits for.
    for name in sorted({row["x_budget_name"] for row in rows}):
        _lock_budget(connection, tables.budget, name)
    status = tables.budget_status
    for row in rows:
        same = (status.c[name] == row[name] for name in ("x_budget_name", "billing_period_start", "x_as_of"))
        connection.execute(delete(status).where(*same))
    connection.execute(insert(status), list(rows))


def find_sent(connection: Connection, alert: Table, month: date) -> set[AlertKey]:
    """Return what has alerted in ``month``."""
    columns = [alert.c[name] for name in ("x_budget_name", "billing_period_start", "x_rule", "x_amount")]
    found = connection.execute(select(*columns).where(alert.c.billing_period_start == month))
    return {AlertKey(*row) for row in found}


def send_once(
    connection: Connection, tables: CostTables, alert: Alert, row: Mapping[str, Any], call: NotifierCall
) -> bool:
    """
    Make the ``call`` and write ``row``, unless the table has the alert already; tell whether this call did.

    The budget stays locked meanwhile, so that other checks wait for the row. Raises ``NotifierError``.
    """
    _lock_budget(connection, tables.budget, alert.budget.name)
    if alert.key in find_sent(connection, tables.alert, alert.key.month):
        return False
    call(alert)
    connection.execute(insert(tables.alert), [row])
    return True


def _lock_budget(connection: Connection, table: Table, name: str) -> None:
    """
    Keep other checks of the budget waiting until the transaction ends.

    The row of ``usage_budget`` is the lock, since there is no check without it, and it needs no key. An UPDATE locks it
    everywhere; Snowflake has no SELECT … FOR UPDATE of such tables.
    """
    unchanged = update(table).where(table.c.x_budget_name == name).values(x_amount=table.c.x_amount)
    # The second try finds the new row of a table whose rows were just replaced, for which the first has waited.
    if not any(connection.execute(unchanged).rowcount for _ in range(2)):
        raise BudgetGoneError(
            f"Budget {quote(name)} vanished from {table.name} while it was checked. Run the task again, which checks "
            "what is there now."
        )
