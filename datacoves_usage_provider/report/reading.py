"""Reads a report's numbers in one transaction: about ten SELECTs, whose results do not grow with resources or years."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Connection

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.cost.forecast import get_month
from datacoves_usage_provider.query import Cell
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
from datacoves_usage_provider.warehouse.load_log import LoadedDays
from datacoves_usage_provider.warehouse.reader import WarehouseReader
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

HISTORY_DAYS = 155
"""For the forecast's range: 13 weeks, the 28 days before them, and a month."""
LOG_DAYS = 430
CHARTED_SUB_ACCOUNTS = 5
MONTHS = 13

_WEEK = timedelta(days=7)


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
        days, not_additive = self._read_days(account)
        cells = self._read_cells(account, spans)
        largest = _find_largest(cells)
        return AccountReadings(
            account=account,
            coverage=coverage,
            spans=spans,
            days=days,
            not_additive=not_additive,
            cells=cells,
            largest=largest,
            parts=self._read_parts(account, largest),
            corrections=self._read_corrections(account),
            months=self._read_months(account),
            costs=row.costs,
            dags=self._read_dags(account),
        )

    def _read_coverage(self, account: BillingAccount) -> Coverage:
        until = self._period.until
        window = UsageWindow(until - ONE_DAY * LOG_DAYS, until + ONE_DAY)
        cells: dict[date, set[Cell]] = {}
        for day, *names in self._select(statements.select_loaded_cells(self._relations, account, window)):
            cells.setdefault(day, set()).add(Cell(*map(sys.intern, names)))
        return Coverage(LoadedDays(cells), until)

    def _read_days(
        self, account: BillingAccount
    ) -> tuple[dict[ShownMeter, dict[date, Decimal]], frozenset[ShownMeter]]:
        until = self._period.until
        window = UsageWindow(until - ONE_DAY * HISTORY_DAYS, until + ONE_DAY)
        days: dict[ShownMeter, dict[date, Decimal]] = defaultdict(dict)
        not_additive = set()
        for meter, unit, is_additive, day, quantity in self._select(
            statements.select_days(self._relations, account, window)
        ):
            days[ShownMeter(meter, unit)][day] = quantity
            if not is_additive:
                not_additive.add(ShownMeter(meter, unit))
        return days, frozenset(not_additive)

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
        return [
            CellSums(sub_account, service, ShownMeter(meter, unit), name, *map(Decimal, sums))
            for sub_account, service, meter, unit, name, *sums in rows
        ]

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
            if day in self._period.shown or day in self._period.so_far
        ]
        return sorted(found, key=lambda each: each.day, reverse=True)

    def _read_months(self, account: BillingAccount) -> dict[ShownMeter, dict[date, Decimal]]:
        months: dict[ShownMeter, dict[date, Decimal]] = defaultdict(dict)
        window = UsageWindow(_go_back(self._period.month.start, MONTHS - 1), self._period.so_far.end)
        for meter, unit, month, quantity in self._select(statements.select_months(self._relations, account, window)):
            months[ShownMeter(meter, unit)][month] = quantity
        return months

    def _read_dags(self, account: BillingAccount) -> list[DagUsage]:
        if "usage_cost_by_dag" not in self._relations:
            return []
        statement = statements.select_dags(self._relations, account, self._period.month, self._period.until)
        return [
            DagUsage(
                where, service, ShownMeter(meter, unit), dag_id, currency, team or "", owners or "", quantity, cost
            )
            for where, service, meter, unit, dag_id, currency, team, owners, quantity, cost in self._select(statement)
        ]


def find_spans(period: ReportPeriod, coverage: Coverage) -> Spans:
    pairs = period.pair_days(coverage.loaded.cells)
    pairs = [pair for pair in pairs if all(coverage.get_state(day) == "loaded" for day in pair)]
    last = coverage.last
    weeks = [last - _WEEK * back for back in range(1, 5)] if last else []
    return Spans(pairs, last, coverage.find_loaded(weeks))


def _find_largest(cells: Iterable[CellSums]) -> list[str]:
    """Return the sub accounts that the charts tell apart: those with the largest shares of the meters."""
    totals: dict[ShownMeter, Decimal] = defaultdict(Decimal)
    for cell in cells:
        totals[cell.meter] += cell.month + cell.before + cell.last
    shares: dict[str, Decimal] = defaultdict(Decimal)
    for cell in cells:
        if totals[cell.meter] > 0:
            shares[cell.sub_account_id] += (cell.month + cell.before + cell.last) / totals[cell.meter]
    return sorted(shares, key=lambda name: (-shares[name], name))[:CHARTED_SUB_ACCOUNTS]


def _go_back(month: date, months: int) -> date:
    for _ in range(months):
        month = get_month(month - ONE_DAY).start
    return month
