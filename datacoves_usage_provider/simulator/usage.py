"""What all simulated usage is made of: UTC days since 2024, pseudo-random numbers and exact decimals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Context, Decimal, Inexact, localcontext
from hashlib import blake2b

FIRST_DAY = date(2024, 1, 1)
"""No API has usage before it."""

ONE_DAY = timedelta(days=1)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXACT = Context(prec=100, traps=[Inexact])
_MILLION = Decimal(1_000_000)


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


def parse_day(text: str) -> date | None:
    """Return the day written as ``YYYY-MM-DD``; None for anything else."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def days_between(start: date, end: date) -> Iterator[date]:
    """The days from ``start`` up to, but not including, ``end``."""
    return days_from(start, (end - start).days)


def days_from(start: date, count: int) -> Iterator[date]:
    return (start + timedelta(days=number) for number in range(count))


def months_between(start: date, end: date) -> Iterator[date]:
    """The first days of the months that have days from ``start`` up to, but not including, ``end``."""
    month = start.replace(day=1)
    while month < end:
        yield month
        month = next_month(month)


def next_month(day: date) -> date:
    """Return the first day of the month after that of ``day``."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def draw(seed: str) -> tuple[float, float]:
    """Return two pseudo-random numbers from 0 to 1 (exclusive), for one ``seed`` the same on every machine."""
    digest = int.from_bytes(blake2b(seed.encode(), digest_size=8).digest(), "big")  # hash() differs between processes
    return (digest >> 32) / 2**32, (digest & 0xFFFFFFFF) / 2**32


def millionths(count: int) -> Decimal:
    """Return ``count`` millionths, without trailing zeros."""
    with localcontext(_EXACT):
        return count / _MILLION


def add_exactly(numbers: Iterable[Decimal]) -> Decimal:
    """Raises ``decimal.Inexact`` instead of rounding."""
    with localcontext(_EXACT):
        return sum(numbers, Decimal(0))
