"""
How far off the forecast of a month is, and how often its range is right.

``python -m benchmarks.forecast``: on the invented series, each month is forecast on its 5th, 10th, … 25th day.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from statistics import mean, median
from typing import NamedTuple

from benchmarks.invented import DAYS, FIRST_DAY, Series, make_all
from datacoves_usage_provider.cost.forecast import HISTORY_DAYS, UsageHistory, get_month
from datacoves_usage_provider.window import UsageWindow

CHECKED_ON = (5, 10, 15, 20, 25)
MOST_MEDIAN_ERROR = 0.05
COVERAGE = (0.75, 0.87)


class Outcome(NamedTuple):
    """One forecast beside the month's end: errors and ``width`` are shares of what was used in the end."""

    day: int
    error: float
    run_rate_error: float
    is_within: bool
    width: float


def judge(series: Series) -> Iterator[Outcome]:
    """Yield the outcome of each forecast of a month that has all of its history and its end in ``series``."""
    for month in _find_months():
        end = sum(series[day] for day in month.days)
        for number in CHECKED_ON:
            as_of = month.start + timedelta(days=number - 1)
            loaded = frozenset(as_of - timedelta(days=back) for back in range(HISTORY_DAYS))
            found = UsageHistory(as_of, loaded, {day: series[day] for day in loaded}).forecast_month()
            run_rate = (found.used or Decimal()) / number * len(month.days)
            if found.forecast is None or found.low is None or found.high is None or not end:
                continue
            yield Outcome(
                number,
                float(found.forecast / end - 1),
                float(run_rate / end - 1),
                found.low <= end <= found.high,
                float((found.high - found.low) / end),
            )


def _find_months() -> Iterator[UsageWindow]:
    first = FIRST_DAY + timedelta(days=HISTORY_DAYS)
    month = get_month(get_month(first).end)
    while month.end <= FIRST_DAY + timedelta(days=DAYS):
        yield month
        month = get_month(month.end)


def write_table(outcomes: Sequence[Outcome]) -> str:
    lines = ["| day | forecasts | mean error | of the run rate | median error | within the range | median width |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    groups = {str(day): [one for one in outcomes if one.day == day] for day in CHECKED_ON} | {"all": list(outcomes)}
    for name, group in groups.items():
        figures = (
            mean(abs(one.error) for one in group),
            mean(abs(one.run_rate_error) for one in group),
            median(abs(one.error) for one in group),
            mean(one.is_within for one in group),
            median(one.width for one in group),
        )
        lines.append(f"| {name} | {len(group)} | {' | '.join(f'{figure:.1%}' for figure in figures)} |")
    return "\n".join(lines)


def find_misses(outcomes: Sequence[Outcome]) -> list[str]:
    """Return what is not as it was measured when the forecast was chosen."""
    error = median(abs(one.error) for one in outcomes)
    within = mean(one.is_within for one in outcomes)
    misses = []
    if error > MOST_MEDIAN_ERROR:
        misses.append(f"The median error is {error:.1%}, above {MOST_MEDIAN_ERROR:.0%}.")
    if not COVERAGE[0] <= within <= COVERAGE[1]:
        misses.append(f"{within:.1%} of months end within the range, not {COVERAGE[0]:.0%} to {COVERAGE[1]:.0%}.")
    return misses


def main() -> None:
    outcomes: list[Outcome] = []
    for kind, series in make_all():
        of_series = list(judge(series))
        outcomes += of_series
        print(f"{kind}: median error {median(abs(one.error) for one in of_series):.1%}")
    print(f"\n{write_table(outcomes)}\n\nBias: {mean(one.error for one in outcomes):+.1%}")
    misses = find_misses(outcomes)
    sys.exit("\n".join(misses) if misses else 0)


if __name__ == "__main__":
    main()
