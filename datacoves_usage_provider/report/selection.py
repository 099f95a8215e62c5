"""Which days are compared, which sub accounts are told apart, and how far back the months go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from datacoves_usage_provider.cost.forecast import get_month
from datacoves_usage_provider.report.coverage import Coverage
from datacoves_usage_provider.report.period import ReportPeriod
from datacoves_usage_provider.report.readings import CellSums, ShownMeter, Spans
from datacoves_usage_provider.window import ONE_DAY

CHARTED_SUB_ACCOUNTS = 5

_WEEK = timedelta(days=7)


def find_spans(period: ReportPeriod, coverage: Coverage) -> Spans:
    pairs = period.pair_days(coverage.loaded.cells)
    pairs = [pair for pair in pairs if all(coverage.get_state(day) == "loaded" for day in pair)]
    last = coverage.last
    weeks = [last - _WEEK * back for back in range(1, 5)] if last else []
    return Spans(pairs, last, coverage.find_loaded(weeks))


def find_largest(cells: Iterable[CellSums]) -> list[str]:
    """Return the sub accounts that the charts tell apart: those with the largest shares of the meters."""
    totals: dict[ShownMeter, Decimal] = defaultdict(Decimal)
    for cell in cells:
        totals[cell.meter] += cell.month + cell.before + cell.last
    shares: dict[str, Decimal] = defaultdict(Decimal)
    for cell in cells:
        if totals[cell.meter] > 0:
            shares[cell.sub_account_id] += (cell.month + cell.before + cell.last) / totals[cell.meter]
    return sorted(shares, key=lambda name: (-shares[name], name))[:CHARTED_SUB_ACCOUNTS]


def tell_apart(cells: Iterable[CellSums]) -> list[CellSums]:
    """Mark the sub accounts that share their name with another one."""
    found = list(cells)
    named: dict[str, set[str]] = defaultdict(set)
    for cell in found:
        named[cell.sub_account_name or ""].add(cell.sub_account_id)
    return [cell._replace(shares_its_name=len(named[cell.sub_account_name or ""]) > 1) for cell in found]


def go_back(month: date, months: int) -> date:
    for _ in range(months):
        month = get_month(month - ONE_DAY).start
    return month
