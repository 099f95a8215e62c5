"""
Where a month will end: what its days used, and for each other day the mean of its weekday in the last four weeks.

How far such a forecast may be off is read from the same forecast, made 1 to 13 weeks ago. The arithmetic is exact;
results are rounded once, half even, to the decimals of the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, takewhile

from datacoves_usage_provider.columns import EXACT, FRACTION_DIGITS
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

_DAYS_OF_MEANS = 28
_FEWEST_LOADED_DAYS = 7
_WEEKS_AGO = range(1, 14)
_FEWEST_ERRORS = 4
_ZERO = Fraction()

HISTORY_DAYS = 7 * _WEEKS_AGO[-1] + _DAYS_OF_MEANS
"""How many days a forecast and its range look back, the last complete one included."""


@dataclass(frozen=True)
class MonthForecast:
    """
    Where a month will end; None: there is too little history to say.

    ``used`` is all that is known of the month, also of days that are not loaded; None: nothing is known. Four of five
    months end between ``low`` and ``high``. ``missing_days`` are those up to the last complete day that are not loaded.
    ``running`` has what will have been used at the end of each day, as far as that can be said.
    """

    used: Decimal | None
    forecast: Decimal | None
    low: Decimal | None
    high: Decimal | None
    loaded_days: int
    missing_days: tuple[date, ...]
    running: tuple[tuple[date, Decimal], ...]

    def find_day_above(self, amount: Decimal) -> date | None:
        """Return the first day at whose end more than ``amount`` will have been used, if one is known."""
        return next((day for day, used in self.running if used > amount), None)


@dataclass(frozen=True)
class UsageHistory:
    """
    Daily usage up to and including ``as_of``; nothing after it is known.

    A ``loaded`` day that ``known`` lacks is 0. What ``known`` has of any other day may be only a part of it. The same
    holds for ``unpriced`` days: they count with what is known of them, and say nothing about others.
    """

    as_of: date
    loaded: Set[date]
    known: Mapping[date, Decimal]
    unpriced: Set[date] = frozenset()

    @property
    def complete(self) -> Set[date]:
        """The days that are loaded and priced."""
        return self.loaded - self.unpriced

    def forecast_month(self) -> MonthForecast:
        """Forecast the month that ``as_of`` is in."""
        days = get_month(self.as_of).days
        others = [day for day in days if day not in self.loaded]
        complete = self.complete
        used = self._add_known(days)
        recent = [day for day in _count_back(self.as_of) if day in complete]
        means = self._find_means(recent) if len(recent) >= _FEWEST_LOADED_DAYS else None
        rest = None if means is None else sum((self._expect(day, means) for day in others), -self._add_known(others))
        low, high = self._find_range(used, rest, len(others))
        return MonthForecast(
            used=_round(used) if {*complete, *self.known}.intersection(days) else None,
            forecast=None if rest is None else _round(used + rest),
            low=low,
            high=high,
            loaded_days=len(days) - len(others),
            missing_days=tuple(day for day in others if day <= self.as_of),
            running=tuple(self._run_up(days, means)),
        )

    def _find_means(self, days: Sequence[date]) -> Sequence[Fraction]:
        """Return the mean of each weekday among ``days``; one that they lack has the mean of all of them."""
        by_weekday = ([day for day in days if day.weekday() == weekday] for weekday in range(7))
        return [self._add_known(same or days) / len(same or days) for same in by_weekday]

    def _expect(self, day: date, means: Sequence[Fraction]) -> Fraction:
        """Return what a day that is not loaded will have: what is known of it or, if more, the mean."""
        return max(self._get_known(day), means[day.weekday()])

    def _run_up(self, days: Iterable[date], means: Sequence[Fraction] | None) -> Iterator[tuple[date, Decimal]]:
        """Yield each day with the sum up to its end; without means, that ends before a day that is not loaded."""
        sayable = list(days if means else takewhile(self.loaded.__contains__, days))
        daily = (
            self._get_known(day) if means is None or day in self.loaded else self._expect(day, means) for day in sayable
        )
        return zip(sayable, map(_round, accumulate(daily)), strict=True)

    def _find_range(
        self, used: Fraction, rest: Fraction | None, days_ahead: int
    ) -> tuple[Decimal | None, Decimal | None]:
        error = None if rest is None else self._find_usual_error(days_ahead)
        if rest is None or error is None:
            return None, None
        return _round(used + rest * max(1 - error, _ZERO)), _round(used + rest * (1 + error))

    def _find_usual_error(self, days_ahead: int) -> Fraction | None:
        """Return the relative error that four of five forecasts of so many days stay within; None: too few to tell."""
        if not days_ahead:
            return _ZERO
        errors = sorted(self._find_errors(days_ahead))
        rank = -(-8 * (len(errors) + 1) // 10)  # rounded up
        return errors[rank - 1] if len(errors) >= _FEWEST_ERRORS else None

    def _find_errors(self, days_ahead: int) -> Iterator[Fraction]:
        """Yield the relative error of each past forecast of so many days whose days and 28 before are all known."""
        complete = self.complete
        for weeks in _WEEKS_AGO:
            last = self.as_of - timedelta(weeks=weeks)
            ahead = [last + ONE_DAY * number for number in range(1, days_ahead + 1)]
            before = _count_back(last)
            if not complete >= {*before, *ahead}:
                continue
            means = self._find_means(before)
            forecast = sum((means[day.weekday()] for day in ahead), _ZERO)
            if forecast > 0:
                yield abs(self._add_known(ahead) / forecast - 1)

    def _get_known(self, day: date) -> Fraction:
        return Fraction(self.known.get(day, 0))

    def _add_known(self, days: Iterable[date]) -> Fraction:
        return sum(map(self._get_known, days), _ZERO)


def get_month(day: date) -> UsageWindow:
    """Return the month that ``day`` is in."""
    first = day.replace(day=1)
    return UsageWindow(first, (first + timedelta(days=31)).replace(day=1))


def _count_back(last: date) -> list[date]:
    """Return the 28 days that end with ``last``."""
    return [last - ONE_DAY * number for number in range(_DAYS_OF_MEANS)]


def _round(number: Fraction) -> Decimal:
    return Decimal(round(number * 10**FRACTION_DIGITS)).scaleb(-FRACTION_DIGITS, EXACT)
