"""What the numbers of one account say: sums, comparisons of equal spans, the month's end, and who moved it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.cost.forecast import MonthForecast, UsageHistory
from datacoves_usage_provider.report.cell_rows import MOST_ROWS, CellRow, add_cell_rows, make_cell_rows
from datacoves_usage_provider.report.comparison import Comparison, compare, divide
from datacoves_usage_provider.report.coverage import Hole
from datacoves_usage_provider.report.dag_rows import DagRow, make_dag_rows
from datacoves_usage_provider.report.money import Money, add_money
from datacoves_usage_provider.report.movers import Mover, find_movers
from datacoves_usage_provider.report.numbers import show_change
from datacoves_usage_provider.report.period import ReportPeriod
from datacoves_usage_provider.report.readings import (
    AccountReadings,
    Correction,
    CostLine,
    ShownMeter,
)
from datacoves_usage_provider.window import UsageWindow


@dataclass(frozen=True)
class MeterSummary:
    """
    What was used by one meter. ``usual`` is the mean of the same weekday in the four weeks before ``last_day``.

    Where days do not add up, there are only ``last``, ``usual`` and the days of the chart.
    """

    meter: ShownMeter
    is_additive: bool
    last: Decimal | None
    usual: Decimal | None
    so_far: Decimal
    money: Money | None
    comparison: Comparison
    forecast: MonthForecast | None
    rows: Sequence[CellRow]
    other_rows: CellRow | None
    movers: Sequence[Mover]
    corrections: Sequence[Correction]
    dags: Sequence[DagRow]

    @property
    def change(self) -> str | None:
        """Of the last day from what is usual."""
        return None if self.last is None or self.usual is None else show_change(self.last, self.usual)


@dataclass(frozen=True)
class AccountSummary:
    """
    ``loaded_days`` are those of the month so far; ``holes`` those of the month and of the days shown.

    ``first_day`` is the first that was ever loaded, if some of the month or of the days shown are before it.
    """

    account: BillingAccount
    period: ReportPeriod
    first_day: date | None
    last_day: date | None
    loaded_days: int
    holes: Sequence[Hole]
    money: Money | None
    cost_lines: Sequence[tuple[str, Money]]
    meters: Sequence[MeterSummary]


def summarize(readings: AccountReadings, period: ReportPeriod) -> AccountSummary:
    """Add up in decimals without rounding; only means are rounded, for reading."""
    with localcontext(EXACT):
        return _summarize(readings, period)


def _summarize(readings: AccountReadings, period: ReportPeriod) -> AccountSummary:
    coverage = readings.coverage
    window = UsageWindow(min(period.shown.start, period.month.start), period.shown.end)
    costs = readings.costs
    return AccountSummary(
        account=readings.account,
        period=period,
        first_day=coverage.first if coverage.first and coverage.first > window.start else None,
        last_day=readings.spans.last,
        loaded_days=len(coverage.find_loaded(period.so_far.days)),
        holes=coverage.find_holes(window),
        money=None if costs is None else add_money(costs),
        cost_lines=list(_split_lines(costs or ())),
        meters=[_summarize_meter(readings, period, meter) for meter in _sort_meters(readings)],
    )


def _sort_meters(readings: AccountReadings) -> list[ShownMeter]:
    """The meters whose days add up come first: they have a month."""
    return sorted(readings.days, key=lambda meter: (meter in readings.not_additive, meter))


def _summarize_meter(readings: AccountReadings, period: ReportPeriod, meter: ShownMeter) -> MeterSummary:
    cells = [cell for cell in readings.cells if cell.meter == meter]
    is_additive = meter not in readings.not_additive
    usual_days = len(readings.spans.usual)
    has_last = readings.spans.last is not None
    rows = list(make_cell_rows(readings, cells)) if is_additive else []
    return MeterSummary(
        meter=meter,
        is_additive=is_additive,
        last=sum((cell.last for cell in cells), Decimal(0)) if has_last else None,
        usual=divide(sum((cell.usual for cell in cells), Decimal(0)), usual_days) if usual_days else None,
        so_far=sum((cell.month for cell in cells), Decimal(0)),
        money=None if readings.costs is None else add_money(_find_costs(readings.costs, meter)),
        comparison=compare(cells, len(readings.spans.pairs)),
        forecast=_forecast(readings, period, meter) if is_additive and not period.is_over else None,
        rows=rows[:MOST_ROWS],
        other_rows=add_cell_rows(rows[MOST_ROWS:], sum((row.quantity for row in rows), Decimal(0))),
        movers=find_movers(cells, usual_days) if usual_days else [],
        corrections=[each for each in readings.corrections if each.meter_name == meter.name],
        dags=list(make_dag_rows([dag for dag in readings.dags if dag.meter == meter])),
    )


def _forecast(readings: AccountReadings, period: ReportPeriod, meter: ShownMeter) -> MonthForecast:
    loaded = frozenset(readings.coverage.find_loaded(readings.coverage.loaded.cells))
    return UsageHistory(period.until, loaded, readings.days[meter]).forecast_month()


def _find_costs(costs: Iterable[CostLine], meter: ShownMeter) -> list[CostLine]:
    return [cost for cost in costs if cost.line == "usage" and cost.meter == meter]


def _split_lines(costs: Sequence[CostLine]) -> Iterator[tuple[str, Money]]:
    for line in ("usage", "included", "fixed"):
        if found := [cost for cost in costs if cost.line == line]:
            yield line, add_money(found)
