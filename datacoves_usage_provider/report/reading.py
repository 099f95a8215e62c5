"""Reads a report's numbers in one transaction: about ten SELECTs, whose results do not grow with resources or years."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timezone
from decimal import Decimal, localcontext
from typing import Any

from sqlalchemy.engine import Connection

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.query import Cell, CellsByDay
from datacoves_usage_provider.report import statements
from datacoves_usage_provider.report.account_rows import read_accounts
from datacoves_usage_provider.report.budgets import read_alerts, read_budgets
from datacoves_usage_provider.report.coverage import Coverage
from datacoves_usage_provider.report.period import ReportPeriod
from datacoves_usage_provider.report.readings import (
    AccountReadings,
    AccountRow,
    CellSums,
    Correction,
    DagUsage,
    Readings,
    ShownMeter,
    Spans,
)
from datacoves_usage_provider.report.relations import NAMES, OWN, REPORTED, Relations
from datacoves_usage_provider.report.selection import find_largest, find_spans, go_back, tell_apart
from datacoves_usage_provider.warehouse.reader import WarehouseReader
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

HISTORY_DAYS = 155
"""For the forecast's range: 13 weeks, the 28 days before them, and a month."""
LOG_DAYS = 430
MONTHS = 13


def read_usage(
    reader: WarehouseReader, period: ReportPeriod, wanted: BillingAccount | None = None, all_accounts: bool = False
) -> Readings | None:
    """
    Return what ``period`` needs of ``wanted`` (None: the first account) or of ``all_accounts``.

    None: nothing was collected yet, as the tables are missing.
    """

    def work(connection: Connection, found: frozenset[str]) -> Readings | None:
        if not found.issuperset(OWN):
            return None
        return _Reading(connection, Relations(reader.schema, found), period).read(wanted, all_accounts)

    return reader.read(NAMES, work)


class _Days:
    """The sums of days: those of ``history`` one by one, and all of additive meters by month."""

    def __init__(self, history: UsageWindow) -> None:
        self._history = history
        self.shown: dict[ShownMeter, dict[date, Decimal]] = defaultdict(dict)
        self.months: dict[ShownMeter, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self.not_additive: set[ShownMeter] = set()

    def add(self, name: str, unit: str, is_additive: bool, day: date, quantity: Decimal) -> None:
        meter = ShownMeter(name, unit)
        if day in self._history:
            self.shown[meter][day] = quantity
        if is_additive:
            self.months[meter][day.replace(day=1)] += quantity
        else:
            self.not_additive.add(meter)


class _Reading:
    """One transaction's worth of SELECTs."""

    def __init__(self, connection: Connection, relations: Relations, period: ReportPeriod) -> None:
        self._connection = connection
        self._relations = relations
        self._period = period

    def read(self, wanted: BillingAccount | None, all_accounts: bool) -> Readings:
        shared = self._connection, self._relations, self._period
        rows = read_accounts(*shared)
        read = rows
        if not all_accounts:
            read = [row for row in rows if row.account == wanted] or rows[:1]
        return Readings(
            accounts=rows,
            read=[self._read_account(row) for row in read],
            budgets=read_budgets(*shared),
            alerts=read_alerts(*shared),
            sources=[name for name in REPORTED if name in self._relations],
        )

    def _select(self, statement: Any) -> Iterable[Any]:
        rows: Iterable[Any] = self._connection.execute(statement)
        return rows

    def _read_account(self, row: AccountRow) -> AccountReadings:
        account = row.account
        coverage = self._read_coverage(account)
        spans = find_spans(self._period, coverage)
        days = self._read_days(account)
        cells = self._read_cells(account, spans)
        largest = find_largest(cells)
        return AccountReadings(
            account=account,
            coverage=coverage,
            spans=spans,
            days=days.shown,
            not_additive=frozenset(days.not_additive),
            cells=cells,
            largest=largest,
            parts=self._read_parts(account, largest),
            corrections=self._read_corrections(account),
            months=days.months,
            costs=row.costs,
            dags=self._read_dags(account),
        )

    def _read_coverage(self, account: BillingAccount) -> Coverage:
        until = self._period.until
        window = UsageWindow(until - ONE_DAY * LOG_DAYS, until + ONE_DAY)
        cells: dict[date, set[Cell]] = {}
        for day, *names in self._select(statements.select_loaded_cells(self._relations, account, window)):
            cells.setdefault(day, set()).add(Cell(*map(sys.intern, names)))
        return Coverage(CellsByDay(cells), until)

    def _read_days(self, account: BillingAccount) -> _Days:
        until = self._period.until
        window = UsageWindow(go_back(self._period.month.start, MONTHS - 1), until + ONE_DAY)
        found = _Days(UsageWindow(until - ONE_DAY * HISTORY_DAYS, until + ONE_DAY))
        with localcontext(EXACT):
            for row in self._select(statements.select_days(self._relations, account, window)):
                found.add(*row)
        return found

    def _read_cells(self, account: BillingAccount, spans: Spans) -> list[CellSums]:
        so_far = self._period.so_far
        wanted = [
            ("month_so_far", so_far.days),
            ("days_now", [day for day, _ in spans.pairs]),
            ("days_before", [before for _, before in spans.pairs]),
            ("last_day", [spans.last] if spans.last else []),
            ("usual_days", spans.usual),
        ]
        first = min(self._period.previous_month.start, *(day for _, days in wanted for day in days))
        window = UsageWindow(first, so_far.end)
        rows = self._select(statements.select_cells(self._relations, account, window, wanted))
        return tell_apart(
            CellSums(sub_account, service, ShownMeter(meter, unit), name, False, *map(Decimal, sums))
            for sub_account, service, meter, unit, name, *sums in rows
        )

    def _read_parts(
        self, account: BillingAccount, largest: list[str]
    ) -> Mapping[ShownMeter, Mapping[date, Mapping[tuple[str, str], Decimal]]]:
        parts: dict[ShownMeter, dict[date, dict[tuple[str, str], Decimal]]] = defaultdict(lambda: defaultdict(dict))
        if largest:
            statement = statements.select_largest_by_day(self._relations, account, self._period.shown, largest)
            for meter, unit, day, sub_account, service, quantity in self._select(statement):
                parts[ShownMeter(meter, unit)][day][(sub_account, service)] = quantity
        return parts

    def _read_corrections(self, account: BillingAccount) -> list[Correction]:
        since = datetime.combine(self._period.shown.start, time(), timezone.utc)
        rows = self._select(statements.select_corrections(self._relations, account, since))
        found = [
            Correction(meter, day, Decimal(before), Decimal(after), at)
            for meter, day, before, after, at in rows
            if day in self._period.shown
        ]
        return sorted(found, key=lambda each: each.day, reverse=True)

    def _read_dags(self, account: BillingAccount) -> list[DagUsage]:
        if "usage_cost_by_dag" not in self._relations:
            return []
        statement = statements.select_dags(self._relations, account, self._period.month, self._period.until)
        return [_make_dag(row) for row in self._select(statement)]


def _make_dag(row: Sequence[Any]) -> DagUsage:
    where, service, meter, unit, dag_id, currency, team, owners, quantity, cost, unpriced = row
    words = team or "", owners or ""
    return DagUsage(where, service, ShownMeter(meter, unit), dag_id, currency, *words, quantity, cost, int(unpriced))
