"""The usage that the Datacoves server of the benchmarks has, before and after it is restated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
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


def _change(row: Row) -> list[Row]:
    return [row._replace(minutes=row.minutes + 1)]


def _move(row: Row) -> list[Row]:
    return [row._replace(hour=(row.hour + 1) % 24)]


def _remove(_: Row) -> list[Row]:
    return []


def _split(row: Row) -> list[Row]:
    return [row, row._replace(hour=(row.hour + 1) % 24, minutes=5)]


RESTATEMENTS: dict[str, Callable[[Row], list[Row]]] = {
    "amounts changed": _change,
    "moved within the day": _move,
    "rows vanished": _remove,
    "days vanished": _remove,
    "came in two parts": _split,
}
"""What the vendor may do to a row that it restates."""


def restate(rows: Iterable[Row], restatement: str, every: int = 7) -> Iterator[Row]:
    """Yield what ``rows`` are after a restatement of one row in ``every``, or of the days that end in 5."""
    by_day = restatement.startswith("days")
    for number, row in enumerate(rows):
        if row.day.day % 10 == 5 if by_day else number % every == 0:
            yield from RESTATEMENTS[restatement](row)
        else:
            yield row


def add_up(rows: Iterable[Row]) -> Totals:
    totals: Counter[tuple[str, str, date]] = Counter()
    for row in rows:
        totals[row.environment, row.service, row.day] += row.minutes
    return dict(totals)


def days_from(start: date, count: int) -> list[date]:
    return [start + timedelta(days=n) for n in range(count)]
