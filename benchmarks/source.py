"""The usage that the Datacoves server of the benchmarks has, before and after it is restated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

SERVICES = ("airflow", "airbyte", "unknown")


class Row(NamedTuple):
    environment: str
    service: str
    day: date
    hour: int
    minutes: int


Totals = dict[tuple[str, str, date], int]
"""Minutes by environment, service and UTC day."""


def make_rows(days: Iterable[date], environments: int) -> Iterator[Row]:
    """Yield a row for each day, environment and service; the same ones each time."""
    for day in days:
        for number in range(environments):
            for index, service in enumerate(SERVICES):
                spread = day.toordinal() * 7919 + number * 104_729 + index * 1_299_709
                yield Row(f"env{number:03}", service, day, spread % 24, spread % 1440)


def restate(rows: Iterable[Row]) -> Iterator[Row]:
    """
    Yield what ``rows`` become when the vendor corrects them.

    Of any seven rows the first has another amount, the second another hour of its day, the third is gone and the fourth
    comes in two parts. The days that end in 5 are gone altogether.
    """
    for number, row in enumerate(row for row in rows if row.day.day % 10 != 5):
        change = number % 7
        if change == 0:
            yield row._replace(minutes=row.minutes + 1)
        elif change == 1:
            yield row._replace(hour=(row.hour + 1) % 24)
        elif change == 3:
            yield row
            yield row._replace(hour=(row.hour + 1) % 24, minutes=5)
        elif change != 2:
            yield row


def add_up(rows: Iterable[Row]) -> Totals:
    totals: Counter[tuple[str, str, date]] = Counter()
    for row in rows:
        totals[row.environment, row.service, row.day] += row.minutes
    return dict(totals)


def days_from(start: date, count: int) -> list[date]:
    return [start + timedelta(days=n) for n in range(count)]
