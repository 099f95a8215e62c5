"""Pseudo-random daily usage of ten kinds, always the same: four series of each, 18 months long."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

FIRST_DAY = date(2025, 1, 1)
DAYS = 546
SERIES_OF_A_KIND = 4
_WEEKDAYS = (1.1, 1.15, 1.1, 1.05, 1.0, 0.35, 0.25)

Series = dict[date, Decimal]
Shape = Callable[[int, date], float]


def make_all() -> Iterator[tuple[str, Series]]:
    """Yield each series with the name of its kind."""
    for kind, make_kind in _KINDS.items():
        for number in range(SERIES_OF_A_KIND):
            dice = random.Random(f"{kind} {number}")  # noqa: S311 - chance, no secret
            level = 10 ** dice.uniform(2, 4)
            noise = dice.uniform(0.05, 0.5)
            shape = make_kind(dice)
            days = ((number, FIRST_DAY + timedelta(days=number)) for number in range(DAYS))
            yield (
                kind,
                {day: _round(level * shape(number, day) * dice.lognormvariate(0, noise)) for number, day in days},
            )


def _round(number: float) -> Decimal:
    return Decimal(round(number))


def _weekly(_: random.Random) -> Shape:
    return lambda _, day: _WEEKDAYS[day.weekday()]


def _steady(_: random.Random) -> Shape:
    return lambda _, __: 1.0


def _trend(low: float, high: float) -> Callable[[random.Random], Shape]:
    def make(dice: random.Random) -> Shape:
        monthly = dice.uniform(low, high)
        return lambda number, day: _WEEKDAYS[day.weekday()] * (1 + monthly) ** (number / 30)

    return make


def _steps(dice: random.Random) -> Shape:
    """The level changes on some days, and stays."""
    starts = {dice.randrange(DAYS): dice.choice((0.6, 1.4, 1.8)) for _ in range(4)}
    return lambda number, day: _WEEKDAYS[day.weekday()] * math.prod(by for at, by in starts.items() if number >= at)


def _bursts(dice: random.Random) -> Shape:
    """One day in twenty has several times as much."""
    return lambda _, day: _WEEKDAYS[day.weekday()] * (dice.uniform(2, 5) if dice.random() < 0.05 else 1)


def _month_ends(_: random.Random) -> Shape:
    """The last and the first days of a month have more."""
    return lambda _, day: _WEEKDAYS[day.weekday()] * (2.0 if (day + timedelta(days=2)).day <= 3 else 1.0)


def _seasons(dice: random.Random) -> Shape:
    phase = dice.uniform(0, 365)
    return lambda number, day: _WEEKDAYS[day.weekday()] * (1 + 0.3 * math.sin(2 * math.pi * (number + phase) / 365))


def _holidays(dice: random.Random) -> Shape:
    """Some weeks of the year have little."""
    weeks = set(dice.sample(range(DAYS // 7), 5))
    return lambda number, day: _WEEKDAYS[day.weekday()] * (0.4 if number // 7 in weeks else 1)


def _drift(dice: random.Random) -> Shape:
    """The level wanders."""
    level = [0.0]
    for _ in range(DAYS):
        level.append(0.98 * level[-1] + dice.gauss(0, 0.04))
    return lambda number, day: _WEEKDAYS[day.weekday()] * math.exp(level[number])


_KINDS: dict[str, Callable[[random.Random], Shape]] = {
    "steady": _steady,
    "weekdays": _weekly,
    "growing by 2 to 8 % a month": _trend(0.02, 0.08),
    "shrinking by 1 to 5 % a month": _trend(-0.05, -0.01),
    "steps": _steps,
    "bursts": _bursts,
    "ends of months": _month_ends,
    "seasons": _seasons,
    "holidays": _holidays,
    "wandering": _drift,
}
