"""What one DAG used, by day, compared with the four weeks before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from datacoves_usage_provider.report.bars import label_days
from datacoves_usage_provider.report.chart import Column
from datacoves_usage_provider.report.comparison import Comparison
from datacoves_usage_provider.report.money import add_amounts
from datacoves_usage_provider.report.numbers import show, show_day
from datacoves_usage_provider.report.readings import DagDay, DagReadings
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

FOUR_WEEKS = timedelta(days=28)


@dataclass(frozen=True)
class DagSummary:
    """
    One DAG in one environment over ``window``; a day that is not allocated is not a zero.

    ``comparison``: the allocated days of the last four weeks, beside the same days of the four weeks before.
    """

    readings: DagReadings
    window: UsageWindow

    @property
    def allocated(self) -> list[date]:
        return [day for day in self.window.days if day in self.readings.environment]

    @property
    def quantity(self) -> Decimal:
        return _add(self.readings, self.allocated)

    @property
    def startup(self) -> Decimal | None:
        """Minutes of starting up; None where the method of allocation does not tell them apart."""
        days = [self.readings.days[day] for day in self.allocated if day in self.readings.days]
        found = [day.startup for day in days if day.startup is not None]
        return sum(found, Decimal(0)) if found or not days else None

    @property
    def share(self) -> Decimal | None:
        """Of what its environment used on the same days, from 0 to 1."""
        total = sum((self.readings.environment[day] for day in self.allocated), Decimal(0))
        return self.quantity / total if total > 0 else None

    @property
    def costs(self) -> tuple[tuple[str, Decimal], ...]:
        days = (self.readings.days[day] for day in self.allocated if day in self.readings.days)
        return add_amounts(cost for day in days for cost in day.costs.items())

    @property
    def unpriced_days(self) -> int:
        """Days with usage that is in none of ``costs``."""
        days = [self.readings.days[day] for day in self.allocated if day in self.readings.days]
        return sum(1 for day in days if day.quantity and not day.costs)

    @property
    def comparison(self) -> Comparison:
        last = [self.window.end - ONE_DAY * back for back in range(1, 29)]
        known = self.readings.environment
        pairs = [(day, day - FOUR_WEEKS) for day in last if day in known and day - FOUR_WEEKS in known]
        now, before = ([pair[index] for pair in pairs] for index in (0, 1))
        return Comparison(_add(self.readings, now), _add(self.readings, before), len(pairs))

    @property
    def columns(self) -> list[Column]:
        days = self.window.days
        return [self._make_column(day, label) for day, label in zip(days, label_days(days), strict=True)]

    def _make_column(self, day: date, label: str) -> Column:
        head = f"{show_day(day)} {day.year}"
        if day not in self.readings.environment:
            return Column(label, f"{head}: not allocated", "missing", [])
        found = self.readings.days.get(day, DagDay(Decimal(0), None, None))
        startup = found.startup or Decimal(0)
        lines = [f"{head}: {show(found.quantity)} {self.readings.unit.lower()}"]
        lines += [f"start-up: {show(startup)}"] if found.startup is not None else []
        lines += [f"{show(cost)} {currency}" for currency, cost in found.costs.items()]
        return Column(label, "\n".join(lines), "loaded", [found.quantity - startup, startup])


def _add(readings: DagReadings, days: Sequence[date]) -> Decimal:
    return sum((readings.days[day].quantity for day in days if day in readings.days), Decimal(0))
