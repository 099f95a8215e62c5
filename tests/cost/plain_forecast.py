"""The forecast as docs/cost.md words it, in plain loops over decimals; ``cost/forecast.py`` must agree with it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal, localcontext

DAY = timedelta(days=1)
ROUGHLY_EXACT = Context(prec=120)


def round_once(number: Decimal | None) -> Decimal | None:
    return None if number is None else number.quantize(Decimal("1e-18"), rounding=ROUND_HALF_EVEN)


def find_mean(day: date, last: date, loaded: Set[date], known: Mapping[date, Decimal]) -> Decimal | None:
    values, of_weekday = [], []
    for number in range(28):
        other = last - DAY * number
        if other in loaded:
            values.append(known.get(other, Decimal(0)))
            if other.isoweekday() == day.isoweekday():
                of_weekday.append(known.get(other, Decimal(0)))
    if len(values) < 7:
        return None
    chosen = of_weekday or values
    return sum(chosen) / Decimal(len(chosen))


def forecast_plainly(
    as_of: date, loaded: Set[date], known: Mapping[date, Decimal], complete: Set[date]
) -> dict[str, Decimal | None]:
    with localcontext(ROUGHLY_EXACT):
        month = [date(as_of.year, as_of.month, 1)]
        while (month[-1] + DAY).month == as_of.month:
            month.append(month[-1] + DAY)
        used = sum((known.get(day, Decimal(0)) for day in month), Decimal(0))
        total, days_ahead = Decimal(0), 0
        for day in month:
            if day in loaded:
                total += known.get(day, Decimal(0))
                continue
            days_ahead += 1
            mean = find_mean(day, as_of, complete, known)
            if mean is None:
                return {"used": round_once(used), "forecast": None, "low": None, "high": None}
            total += max(mean, known.get(day, Decimal(0)))
        if find_mean(as_of, as_of, complete, known) is None:
            total = None
        low, high = find_range(as_of, complete, known, used, total, days_ahead)
        return {name: round_once(value) for name, value in zip(NAMES, (used, total, low, high), strict=True)}


NAMES = ("used", "forecast", "low", "high")


def find_range(as_of, loaded, known, used, total, days_ahead):
    if total is None:
        return None, None
    if days_ahead == 0:
        return used, used
    errors = []
    for weeks in range(1, 14):
        then = as_of - 7 * DAY * weeks
        days = [then + DAY * number for number in range(1, days_ahead + 1)]
        if any(then - DAY * number not in loaded for number in range(28)) or any(day not in loaded for day in days):
            continue
        forecast = sum(find_mean(day, then, loaded, known) for day in days)
        if forecast > 0:
            real = sum(known.get(day, Decimal(0)) for day in days)
            errors.append(abs(real / forecast - 1))
    if len(errors) < 4:
        return None, None
    place = int((Decimal("0.8") * (len(errors) + 1)).to_integral_value(ROUND_CEILING))
    error = sorted(errors)[place - 1]
    rest = total - used
    return max(used, used + rest * (1 - error)), used + rest * (1 + error)
