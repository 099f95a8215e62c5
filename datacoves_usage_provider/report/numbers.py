"""Numbers and days as a person reads them. Nothing is rounded unless the function's name says so."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from itertools import groupby

from datacoves_usage_provider.columns import EXACT

_MOST_DECIMALS = 6
_MINUS = "\N{MINUS SIGN}"
_DASH = "\N{EN DASH}"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def show(number: Decimal, places: int = 0) -> str:
    """Return all digits of ``number``, with a comma between thousands and at least so many decimals: ``1,234.5``."""
    whole, _, decimals = format(number, ",f").partition(".")
    decimals = decimals.rstrip("0").ljust(places, "0")
    text = f"{whole}.{decimals}" if decimals else whole
    return "0" if text == "-0" else text


def is_long(number: Decimal) -> bool:
    """Tell whether ``number`` has more decimals than a person reads."""
    return count_decimals(number) > _MOST_DECIMALS


def count_decimals(number: Decimal) -> int:
    return len(show(number).partition(".")[2])


def round_for_reading(number: Decimal) -> Decimal:
    """Return ``number`` with two decimals, without any from 100 on."""
    return round_to(number, 2 if abs(number) < 100 else 0)


def round_to(number: Decimal, places: int) -> Decimal:
    """Return ``number`` with so many decimals; what is rounded to 0 has no sign."""
    with localcontext() as context:
        context.prec = EXACT.prec
        return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN) + 0


def show_rounded(number: Decimal) -> str:
    return show(round_for_reading(number))


def show_change(now: Decimal, before: Decimal) -> str | None:
    """Return the change from ``before`` to ``now`` in percent, rounded to a tenth: ``+12.6 %``; None: from nothing."""
    if before <= 0:
        return None
    percent = ((now / before - 1) * 100).quantize(Decimal("0.1"), ROUND_HALF_EVEN)
    return f"{percent:+,f} %".replace("-", _MINUS) if percent else "\N{PLUS-MINUS SIGN}0 %"


def show_difference(number: Decimal) -> str:
    """Return ``number``, rounded for reading, with its sign."""
    rounded = round_for_reading(number)
    return f"+{show(rounded)}" if rounded > 0 else show(rounded).replace("-", _MINUS)


def show_day(day: date) -> str:
    """``Thu 26 Nov``"""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1][:3]}"


def show_month(day: date) -> str:
    """``November 2026``"""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def show_short_month(day: date) -> str:
    """``Nov``"""
    return _MONTHS[day.month - 1][:3]


def show_days(days: list[date], most: int = 6) -> str:
    """Return sorted ``days`` as ranges: ``8 Nov, 11 Nov to 13 Nov``, but with a dash; at most so many."""
    ranges = [_show_range(days[start], days[end]) for start, end in _find_runs(days)]
    shown = ", ".join(ranges[:most])
    return shown if len(ranges) <= most else f"{shown} and {len(ranges) - most} more"


def _find_runs(days: list[date]) -> list[tuple[int, int]]:
    runs = [list(run) for _, run in groupby(range(len(days)), lambda index: days[index] - timedelta(days=index))]
    return [(run[0], run[-1]) for run in runs]


def _show_range(first: date, last: date) -> str:
    end = f"{last.day} {show_short_month(last)}"
    if first == last:
        return end
    start = str(first.day) if (first.year, first.month) == (last.year, last.month) else _show_range(first, first)
    return f"{start}{_DASH}{end}"
