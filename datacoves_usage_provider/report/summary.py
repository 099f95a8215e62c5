"""What the numbers of one account say: sums, comparisons of equal spans, the month's end, and who moved it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.cost.forecast import MonthForecast, UsageHistory
from datacoves_usage_provider.report.coverage import Hole
from datacoves_usage_provider.report.numbers import show_change
from datacoves_usage_provider.report.period import ReportPeriod
from datacoves_usage_provider.report.readings import (
    AccountReadings,
    CellSums,
    Correction,
    CostLine,
    DagUsage,
    ShownMeter,
)
from datacoves_usage_provider.window import UsageWindow

MOST_ROWS = 50
MOST_DAGS = 10
MOST_MOVERS = 5

_ROUNDED = Context(prec=EXACT.prec)
"""For means and shares, which have no last digit."""


class Comparison(NamedTuple):
    """The same number of loaded ``days`` of two spans."""

    now: Decimal
    before: Decimal
    days: int

    @property
    def change(self) -> str | None:
        return show_change(self.now, self.before)


class Money(NamedTuple):
    """``amounts`` by currency, which are never added up; ``unpriced_rows`` are in none of them."""

    amounts: tuple[tuple[str, Decimal], ...]
    unpriced_rows: int


class CellRow(NamedTuple):
    """One sub account and service in the month; ``share`` is of the meter, from 0 to 1."""

    label: str
    service_name: str
    quantity: Decimal
    share: Decimal
    comparison: Comparison
    money: Money | None


class Mover(NamedTuple):
    label: str
    service_name: str
    difference: Decimal
    usual: Decimal


class DagRow(NamedTuple):
    """
    One DAG of one environment in the month.

    The last rows are the other DAGs together, and what no DAG explains of each service (no ``dag_id``).
    """

    label: str
    sub_account_id: str
    dag_id: str
    team: str
    owners: str
    quantity: Decimal
    money: Money


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
    """``loaded_days`` are those of the month so far; ``holes`` those of the month and of the days shown."""

    account: BillingAccount
    period: ReportPeriod
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
    rows = list(_make_rows(readings, cells)) if is_additive else []
    return MeterSummary(
        meter=meter,
        is_additive=is_additive,
        last=sum((cell.last for cell in cells), Decimal(0)) if has_last else None,
        usual=_divide(sum((cell.usual for cell in cells), Decimal(0)), usual_days) if usual_days else None,
        so_far=sum((cell.month for cell in cells), Decimal(0)),
        money=None if readings.costs is None else add_money(_find_costs(readings.costs, meter)),
        comparison=_compare(cells, len(readings.spans.pairs)),
        forecast=_forecast(readings, period, meter) if is_additive and not period.is_over else None,
        rows=rows[:MOST_ROWS],
        other_rows=_add_rows(rows[MOST_ROWS:], sum((row.quantity for row in rows), Decimal(0))),
        movers=_find_movers(cells, usual_days) if usual_days else [],
        corrections=[each for each in readings.corrections if each.meter_name == meter.name],
        dags=list(_make_dag_rows([dag for dag in readings.dags if dag.meter == meter])),
    )


def _divide(total: Decimal, days: int) -> Decimal:
    with localcontext(_ROUNDED):
        return total / days


def _compare(cells: Iterable[CellSums], days: int) -> Comparison:
    found = list(cells)
    now, before = (sum((getattr(cell, name) for cell in found), Decimal(0)) for name in ("now", "before"))
    return Comparison(now, before, days)


def _forecast(readings: AccountReadings, period: ReportPeriod, meter: ShownMeter) -> MonthForecast:
    loaded = frozenset(readings.coverage.find_loaded(readings.coverage.loaded.cells))
    return UsageHistory(period.until, loaded, readings.days[meter]).forecast_month()


def _make_rows(readings: AccountReadings, cells: Sequence[CellSums]) -> Iterator[CellRow]:
    total = sum((cell.month for cell in cells), Decimal(0))
    days = len(readings.spans.pairs)
    costs = _sort_costs(readings.costs)
    for cell in sorted(cells, key=lambda cell: (-cell.month, cell.label, cell.service_name)):
        if cell.month or cell.before:
            yield CellRow(
                label=cell.label,
                service_name=cell.service_name,
                quantity=cell.month,
                share=_ratio(cell.month, total),
                comparison=_compare([cell], days),
                money=None if costs is None else add_money(costs.get(cell[:3], ())),
            )


def _find_costs(costs: Iterable[CostLine], meter: ShownMeter) -> list[CostLine]:
    return [cost for cost in costs if cost.line == "usage" and cost.meter == meter]


def _sort_costs(costs: Sequence[CostLine] | None) -> dict[tuple[str, str, ShownMeter], list[CostLine]] | None:
    if costs is None:
        return None
    found: dict[tuple[str, str, ShownMeter], list[CostLine]] = {}
    for cost in costs:
        if cost.line == "usage":
            found.setdefault((cost.sub_account_id, cost.service_name, cost.meter), []).append(cost)
    return found


def _ratio(quantity: Decimal, total: Decimal) -> Decimal:
    if total <= 0:
        return Decimal(0)
    with localcontext(_ROUNDED):
        return quantity / total


def _add_rows(rows: Sequence[CellRow], total: Decimal) -> CellRow | None:
    """Return one row for all that a table leaves out, so that its sum is that of the meter."""
    if not rows:
        return None
    moneys = [row.money for row in rows if row.money is not None]
    sums = Comparison(
        sum((row.comparison.now for row in rows), Decimal(0)),
        sum((row.comparison.before for row in rows), Decimal(0)),
        rows[0].comparison.days,
    )
    quantity = sum((row.quantity for row in rows), Decimal(0))
    return CellRow(
        label=f"{len(rows)} others",
        service_name="",
        quantity=quantity,
        share=_ratio(quantity, total),
        comparison=sums,
        money=_join_moneys(moneys) if moneys else None,
    )


def add_money(costs: Iterable[CostLine]) -> Money:
    found = list(costs)
    priced = ((cost.currency, cost.cost) for cost in found)
    return Money(add_amounts(priced), sum(cost.unpriced_rows for cost in found))


def _join_moneys(moneys: Iterable[Money]) -> Money:
    found = list(moneys)
    amounts = add_amounts(amount for money in found for amount in money.amounts)
    return Money(amounts, sum(money.unpriced_rows for money in found))


def add_amounts(amounts: Iterable[tuple[str | None, Decimal | None]]) -> tuple[tuple[str, Decimal], ...]:
    sums: dict[str, Decimal] = {}
    with localcontext(EXACT):  # pages add up, too
        for currency, amount in amounts:
            if currency is not None and amount is not None:
                sums[currency] = sums.get(currency, Decimal(0)) + amount
    return tuple(sorted(sums.items()))


def _split_lines(costs: Sequence[CostLine]) -> Iterator[tuple[str, Money]]:
    for line in ("usage", "included", "fixed"):
        if found := [cost for cost in costs if cost.line == line]:
            yield line, add_money(found)


def _find_movers(cells: Iterable[CellSums], usual_days: int) -> list[Mover]:
    """Return what differs most from the same weekdays before, the largest difference first."""
    movers = [_make_mover(cell, usual_days) for cell in cells]
    moved = sorted((each for each in movers if each.difference), key=lambda each: (-abs(each.difference), each.label))
    return moved[:MOST_MOVERS]


def _make_mover(cell: CellSums, usual_days: int) -> Mover:
    usual = _divide(cell.usual, usual_days)
    with localcontext(_ROUNDED):
        return Mover(cell.label, cell.service_name, cell.last - usual, usual)


def _make_dag_rows(dags: Sequence[DagUsage]) -> Iterator[DagRow]:
    by_dag: dict[tuple[str, str], list[DagUsage]] = {}
    for dag in dags:
        if dag.dag_id:
            by_dag.setdefault((dag.sub_account_id, dag.dag_id), []).append(dag)
    rows = [_make_dag_row(dag_id, sub_account_id, found) for (sub_account_id, dag_id), found in by_dag.items()]
    rows.sort(key=lambda row: (-row.quantity, row.dag_id, row.sub_account_id))
    yield from rows[:MOST_DAGS]
    if others := rows[MOST_DAGS:]:
        quantity = sum((row.quantity for row in others), Decimal(0))
        yield DagRow(f"{len(others)} other DAGs", "", "", "", "", quantity, _join_moneys(row.money for row in others))
    unattributed = [dag for dag in dags if not dag.dag_id]
    for service in sorted({dag.service_name for dag in unattributed}):
        of_service = [dag for dag in unattributed if dag.service_name == service]
        yield _make_dag_row(f"unattributed, {service}", "", of_service)


def _make_dag_row(label: str, sub_account_id: str, found: Sequence[DagUsage]) -> DagRow:
    amounts = add_amounts((dag.currency, dag.cost) for dag in found)
    unpriced = sum(1 for dag in found if dag.cost is None)
    quantity = sum((dag.quantity for dag in found), Decimal(0))
    first = found[0]
    return DagRow(label, sub_account_id, first.dag_id, first.team, first.owners, quantity, Money(amounts, unpriced))
