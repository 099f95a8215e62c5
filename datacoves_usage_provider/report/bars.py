"""The bars of a chart: days by sub account, months."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from datacoves_usage_provider.cost.forecast import get_month
from datacoves_usage_provider.report.chart import Column
from datacoves_usage_provider.report.coverage import Coverage, State
from datacoves_usage_provider.report.numbers import show, show_day, show_month, show_short_month
from datacoves_usage_provider.report.readings import AccountReadings, ShownMeter
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

OTHERS = "others"
_MOST_LINES_OF_A_HOVER = 12
_NOT_LOADED = {"loaded": "", "part": " (loaded in part)", "missing": " (not loaded)"}


class DailyColumns:
    """The days of ``window`` by one meter: a series for each of the largest sub accounts, and one for the others."""

    def __init__(self, readings: AccountReadings, meter: ShownMeter, window: UsageWindow) -> None:
        self._readings = readings
        self._meter = meter
        self._window = window
        self._parts = readings.parts.get(meter, {})
        self._days = readings.days[meter]
        self._names = {cell.sub_account_id: cell.label for cell in readings.cells if cell.sub_account_name}
        used = {sub_account for day in self._parts.values() for sub_account, _ in day}
        self._largest = [sub_account for sub_account in readings.largest if sub_account in used]

    @property
    def series(self) -> list[str]:
        """The names of the series, from the bottom up."""
        has_others = any(column.parts[-1] for column in self.columns)
        return [*map(self._get_name, self._largest), *([OTHERS] if has_others else [])]

    @property
    def columns(self) -> list[Column]:
        days = self._window.days
        return [
            Column(label, self.describe(day), self.get_state(day), self.get_parts(day))
            for day, label in zip(days, label_days(days), strict=True)
        ]

    @property
    def table(self) -> list[tuple[date, State, Decimal, list[Decimal]]]:
        """The newest day first: its state, total and parts, as many as there are series."""
        count = len(self.series)
        rows = [
            (day, self.get_state(day), self._get_total(day), self.get_parts(day)[:count]) for day in self._window.days
        ]
        return rows[::-1]

    def get_state(self, day: date) -> State:
        return self._readings.coverage.get_state(day)

    def get_parts(self, day: date) -> list[Decimal]:
        cells = self._parts.get(day, {})
        parts = [
            sum((quantity for (name, _), quantity in cells.items() if name == sub_account), Decimal(0))
            for sub_account in self._largest
        ]
        return [*parts, self._get_total(day) - sum(parts, Decimal(0))]

    def describe(self, day: date) -> str:
        """Return the day's exact numbers in lines, by sub account and service."""
        state = self.get_state(day)
        head = f"{show_day(day)} {day.year}"
        if state == "missing" and day not in self._days:
            return f"{head}: not loaded"
        return "\n".join(
            [f"{head}: {show(self._get_total(day))} {self._meter.unit.lower()}{_NOT_LOADED[state]}", *self._list(day)]
        )

    def _list(self, day: date) -> Iterator[str]:
        cells = sorted(self._parts.get(day, {}).items(), key=lambda item: -item[1])
        shown = cells[:_MOST_LINES_OF_A_HOVER]
        for (sub_account, service), quantity in shown:
            yield f"{self._get_name(sub_account)} {service}: {show(quantity)}"
        rest = self._get_total(day) - sum((quantity for _, quantity in shown), Decimal(0))
        if rest:
            yield f"{OTHERS}: {show(rest)}"

    def _get_total(self, day: date) -> Decimal:
        return self._days.get(day, Decimal(0))

    def _get_name(self, sub_account: str) -> str:
        return self._names.get(sub_account) or sub_account or self._readings.account.billing_account_id


def label_days(days: Sequence[date]) -> list[str]:
    """Name each day of a week, the Mondays of a month, the firsts and the middles of longer spans."""
    if len(days) <= 10:
        return [show_day(day) for day in days]
    if len(days) <= 40:
        return [f"{day.day} {show_short_month(day)}" if day.weekday() == 0 else "" for day in days]
    return [f"{day.day} {show_short_month(day)}" if day.day in (1, 15) else "" for day in days]


def make_monthly_columns(months: Mapping[date, Decimal], coverage: Coverage, unit: str, until: date) -> list[Column]:
    """Return a bar for each month from the first with rows; one that is not loaded whole up to ``until`` says so."""
    wanted = list(_list_months(min(months), until))
    return [_make_month(month, months.get(month, Decimal(0)), coverage, unit, until) for month in wanted]


def _list_months(first: date, until: date) -> Iterator[date]:
    month = get_month(first)
    while month.start <= until:
        yield month.start
        month = get_month(month.end)


def _make_month(month: date, quantity: Decimal, coverage: Coverage, unit: str, until: date) -> Column:
    days = get_month(month).days
    loaded = len(coverage.find_loaded(day for day in days if day <= until))
    state: State = "loaded" if loaded == len(days) else "part"
    hover = f"{show_month(month)}: {show(quantity)} {unit.lower()}, {loaded} of {len(days)} days loaded"
    return Column(f"{show_short_month(month)} {month:%y}", hover, state, [quantity])


def get_states(coverage: Coverage, until: date) -> dict[date, State]:
    """Return the state of each day from the first that was loaded."""
    if coverage.first is None:
        return {}
    return {day: coverage.get_state(day) for day in UsageWindow(coverage.first, until + ONE_DAY).days}
