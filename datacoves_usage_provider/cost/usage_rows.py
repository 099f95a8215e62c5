"""The usage that may count against budgets, and the days of it that were loaded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, func, or_, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement, Select

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.cost.budget_usage import BudgetUsage, UsageRow
from datacoves_usage_provider.cost.budgets import Budget
from datacoves_usage_provider.cost.forecast import HISTORY_DAYS
from datacoves_usage_provider.cost.priced_usage import price_usage
from datacoves_usage_provider.query import DIMENSIONS, Cell, CellsByDay
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

_ROWS_AT_ONCE = 5_000
_DAYS_THAT_NAME_ACCOUNTS = 28
_MOST_VALUES = 16_000
"""In one statement: SQLite takes 32,766 parameters, and Snowflake a list of 16,384."""


def get_history(as_of: date) -> UsageWindow:
    """Return all days that a check looks at; the month before that of ``as_of`` is among them."""
    return UsageWindow(as_of - ONE_DAY * (HISTORY_DAYS - 1), as_of + ONE_DAY)


class AccountLoads(NamedTuple):
    """Which cells of an account were loaded, by day, and whether any load of it had records."""

    days: CellsByDay
    has_records: bool


def read_loads(connection: Connection, load_log: Table, history: UsageWindow) -> Mapping[BillingAccount, AccountLoads]:
    """Return what the load log has in ``history`` of each account."""
    columns = [load_log.c[name] for name in (*BillingAccount._fields, "charge_period_start", *DIMENSIONS)]
    days: dict[BillingAccount, dict[date, set[Cell]]] = {}
    with_records: set[BillingAccount] = set()
    of_history = _is_in(load_log.c.charge_period_start, history)
    query = select(*columns, func.max(load_log.c.x_records)).where(of_history).group_by(*columns)
    for provider, name, day, *names, records in connection.execute(query):
        account = BillingAccount(provider, name)
        days.setdefault(account, {}).setdefault(day, set()).add(Cell(*names))
        if records:
            with_records.add(account)
    return {account: AccountLoads(CellsByDay(cells), account in with_records) for account, cells in days.items()}


def find_loaded_days(
    loads: Mapping[BillingAccount, AccountLoads], usage: BudgetUsage, of_kind: Collection[BillingAccount]
) -> frozenset[date]:
    """
    Return the days that are loaded for each account of the budget that has any in the month or the last 28 days.

    An account that has records, but none that matches and none ``of_kind``, is left out, unless no account has any that
    matches.
    """
    budget = usage.budget
    since = min(usage.as_of.replace(day=1), usage.as_of - timedelta(days=_DAYS_THAT_NAME_ACCOUNTS - 1))
    named = {
        account: one
        for account, one in loads.items()
        if budget.may_match(account._asdict()) and any(day >= since for day in one.days.cells)
    }
    counted = usage.accounts.union(of_kind)
    used = [one.days for account, one in named.items() if account in counted or not one.has_records]
    accounts = used if usage.accounts else [one.days for one in named.values()]
    candidates = chain.from_iterable(days.cells for days in accounts[:1])
    return frozenset(day for day in candidates if all(days.have(day, budget.cell) for days in accounts))


def read_quantities(
    connection: Connection, daily: Table, budgets: Iterable[Budget], history: UsageWindow
) -> Iterator[UsageRow]:
    """Yield all that may count against budgets of units, and more."""
    wanted = _may_match([{**budget.wanted, "consumed_unit": budget.unit} for budget in budgets], daily.c)
    query = _select(daily.c, daily.c.consumed_unit, daily.c.consumed_quantity)
    return _read(connection, query.where(*can_count(daily.c, history), wanted))


def read_costs(
    connection: Connection, daily: Table, rate: Table, budgets: Iterable[Budget], history: UsageWindow
) -> Iterator[UsageRow]:
    """Yield all that may count against budgets of money, and more, at the costs of ``usage_cost_daily``."""
    priced = price_usage(daily, rate)
    columns = priced.rows.c
    wanted = _may_match([budget.wanted for budget in budgets], columns)
    query = _select(columns, priced.currency, priced.cost)
    return _read(connection, query.where(priced.is_chosen, *can_count(columns, history), wanted))


def _select(columns: Any, unit: ColumnElement[Any], amount: ColumnElement[Any]) -> Select[Any]:
    computed = {"unit": unit.label("unit"), "amount": amount.label("amount")}
    return select(*(computed[name] if name in computed else columns[name] for name in UsageRow._fields))


def can_count(columns: Any, history: UsageWindow) -> Iterator[ColumnElement[bool]]:
    """Yield conditions for usage of ``history`` whose days add up; the months tell PostgreSQL how little to price."""
    yield columns.x_is_additive
    yield columns.billing_period_start.in_(sorted({day.replace(day=1) for day in history.days}))
    yield _is_in(columns.charge_period_start, history)


def _is_in(column: ColumnElement[Any], history: UsageWindow) -> ColumnElement[bool]:
    return and_(column >= history.start, column < history.end)


def _may_match(wanted: Iterable[Mapping[str, str]], columns: Any) -> ColumnElement[bool]:
    """
    Hold for the rows that have the values of one of ``wanted``, and for some others.

    Those that name the same columns are one term, since SQLite takes no more than a thousand. A column of which they
    name more values than there is room for in a statement is not looked at.
    """
    terms: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for values in wanted:
        terms.setdefault(tuple(sorted(values)), []).append(values)
    room = _MOST_VALUES // max(1, sum(map(len, terms)))
    return or_(*(and_(True, *_have_values(names, group, columns, room)) for names, group in terms.items()))


def _have_values(
    names: Iterable[str], wanted: Collection[Mapping[str, str]], columns: Any, room: int
) -> Iterator[ColumnElement[bool]]:
    for name in names:
        values = sorted({one[name] for one in wanted})
        if len(values) <= room:
            yield columns[name].in_(values)


def _read(connection: Connection, query: Select[Any]) -> Iterator[UsageRow]:
    result = connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE))
    return (UsageRow(*row) for row in chain.from_iterable(result.partitions(_ROWS_AT_ONCE)))
