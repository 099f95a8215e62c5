"""The check of budgets: how each stands at the end of a day, and the alerts that are new."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from datacoves_usage_provider.cost.alert_text import describe
from datacoves_usage_provider.cost.alerts import (
    Alert,
    NotifierCall,
    NotifierError,
    find_sent,
    replace_statuses,
    send_once,
)
from datacoves_usage_provider.cost.budget_status import BudgetStatus, make_status
from datacoves_usage_provider.cost.budget_usage import BudgetUsage, add_up
from datacoves_usage_provider.cost.budgets import Budget, choose_budgets
from datacoves_usage_provider.cost.forecast import HISTORY_DAYS
from datacoves_usage_provider.cost.usage_kinds import find_accounts, read_kinds
from datacoves_usage_provider.cost.usage_rows import (
    find_loaded_days,
    get_history,
    read_costs,
    read_loads,
    read_quantities,
)
from datacoves_usage_provider.cost.warehouse import CostWarehouse
from datacoves_usage_provider.exceptions import UsageError, WarehouseUnavailableError
from datacoves_usage_provider.text import list_warnings, quote
from datacoves_usage_provider.totals import plain

Notify = Callable[[Mapping[str, str]], None]


class BudgetCheck:
    """
    The check of a warehouse's budgets in the month of ``as_of``, as things stand at the end of that day.

    ``run`` has ``x_dag_id`` and ``x_run_id``; ``notify`` is called once for each alert that is new.
    """

    def __init__(
        self, warehouse: CostWarehouse, as_of: date, run: Mapping[str, str], notify: Notify, log: logging.Logger
    ) -> None:
        self._warehouse = warehouse
        self._as_of = as_of
        self._provenance = {**run, "x_loaded_at": datetime.now(timezone.utc)}
        self._notify = notify
        self._log = log

    def check(self, names: Collection[str] | None) -> dict[str, Any]:
        """
        Write the status of the budgets ``names`` (None: of all that are effective) and send what is new.

        Returns the task's XCom value. If notifiers raise, the other alerts are sent before the first error is raised.
        """
        usages = self._warehouse.run_in_transaction(partial(self._read, names), lambda: "No budget was checked.")
        statuses = [make_status(usage) for usage in usages]
        rows = [self._make_row(status.to_row()) for status in statuses]
        alerts = list(self._make_alerts(statuses))
        sent = self._warehouse.run_in_transaction(
            partial(self._write, rows), lambda: "No status was written, and no alert sent."
        )
        new = self._send_all(alert for alert in alerts if alert.key not in sent)
        self._log.info("Budgets checked up to %s: %d. New alerts: %d.", self._as_of, len(rows), len(new))
        return {
            "as_of": str(self._as_of),
            "budgets": [{name: _to_json(value) for name, value in row.items()} for row in rows],
            "alerts": [alert.to_json() for alert in new],
        }

    def _read(self, names: Collection[str] | None, connection: Connection) -> list[BudgetUsage]:
        usage, cost = self._warehouse.tables, self._warehouse.cost_tables
        found = [dict(row._mapping) for row in connection.execute(select(cost.budget))]
        budgets, warnings = choose_budgets(found, self._as_of.replace(day=1), names)
        history = get_history(self._as_of)
        # The log comes before the usage: a day that is loaded in between is one that is not known whole.
        loads = read_loads(connection, usage.load_log, history)
        usages = [BudgetUsage(budget, self._as_of) for budget in budgets]
        of_units, of_money = ([one for one in usages if one.budget.is_of_money is kind] for kind in (False, True))
        if of_units:
            add_up(of_units, read_quantities(connection, usage.daily, _get_budgets(of_units), history))
        if of_money:
            add_up(of_money, read_costs(connection, usage.daily, cost.rate, _get_budgets(of_money), history))
        kinds = read_kinds(connection, usage.daily, cost.rate, history)
        for one in usages:
            one.loaded = find_loaded_days(loads, one, find_accounts(kinds, one.budget))
        self._warn([*self._warehouse.warnings, *warnings, *_find_unused(usages)])
        return usages

    def _make_row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row with its numbers as the table keeps them, and who writes it."""
        rounded = {
            name: self._warehouse.round_number(value) if isinstance(value, Decimal) else value
            for name, value in row.items()
        }
        return {**rounded, **self._provenance}

    def _make_alerts(self, statuses: Iterable[BudgetStatus]) -> Iterator[Alert]:
        for status in statuses:
            text = describe(status)
            self._log.info("%s", text)
            for rule, value in status.find_fired().items():
                yield Alert(status.budget, self._as_of, rule, self._warehouse.round_number(value), text)

    def _write(self, rows: list[dict[str, Any]], connection: Connection) -> Any:
        tables = self._warehouse.cost_tables
        if rows:
            replace_statuses(connection, tables, rows)
        return find_sent(connection, tables.alert, self._as_of.replace(day=1))

    def _send_all(self, alerts: Iterable[Alert]) -> list[Alert]:
        """
        Send the alerts; then raise the first error.

        Notifiers that fail, and a budget that is gone, keep only their own alert from being sent. Notifiers that do not
        return end the session, and other errors of the warehouse would meet each alert: those that follow stay new. Of
        these errors, a final one is raised even if it is not the first, as it needs no retry.
        """
        errors: list[Exception] = []
        try:
            new = [alert for alert in alerts if self._send(alert, errors)]
        except WarehouseUnavailableError as error:  # perhaps since the notifiers of an earlier alert did not return
            errors.append(error)
        if errors:
            raise errors[0]
        return new

    def _send(self, alert: Alert, errors: list[Exception]) -> bool:
        tables = self._warehouse.cost_tables
        row = self._make_row(alert.to_row())
        call = NotifierCall(self._notify)
        try:
            has_sent = self._warehouse.run_in_transaction(
                lambda connection: send_once(connection, tables, alert, row, call),
                lambda: f"{alert} stays new: the next check sends it, if need be again.",
            )
        except (NotifierError, UsageError) as error:
            if call.error is None:
                self._log.error("%s%s stays new: %s", alert, " was sent, but" if call.has_returned else "", error)
            else:
                self._log.error("%s was not sent, so it stays new: %s", alert, quote(str(call.error)))
            if not call.leaves_others(error):
                raise
            errors.append(call.error or error)
            return False
        if has_sent:
            self._log.warning("%s is new.", alert)
        return has_sent

    def _warn(self, sentences: Iterable[str]) -> None:
        for sentence in list_warnings(sentences):
            self._log.warning("%s", sentence)


def _get_budgets(usages: Iterable[BudgetUsage]) -> list[Budget]:
    return [usage.budget for usage in usages]


def _find_unused(usages: Iterable[BudgetUsage]) -> Iterator[str]:
    for usage in usages:
        if not usage.has_usage:
            yield (
                f"Budget {quote(usage.budget.name)} matches no usage of the last {HISTORY_DAYS} days. Are its names "
                "spelled as in usage_daily, is its unit right, and do the days of its meter add up?"
            )


def _to_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else value
