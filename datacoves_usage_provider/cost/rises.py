"""Who moved a month most, compared with the same days of the month before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from decimal import Decimal, localcontext
from typing import NamedTuple

from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.window import ONE_DAY

DailySums = Mapping[date, Decimal]
_FEWEST_DAYS = 7


class Mover(NamedTuple):
    """The part of a budget's usage that has one ``value`` in ``dimension``, a column of the tables."""

    dimension: str
    service_provider_name: str
    billing_account_id: str
    value: str


class Rise(NamedTuple):
    """
    What ``mover`` used on so many ``days``, and on those that they are compared with.

    ``is_most``: it is more than half of all rises.
    """

    mover: Mover
    used: Decimal
    before: Decimal
    days: int
    is_most: bool


def find_rise(movers: Mapping[Mover, DailySums], as_of: date, loaded: Set[date]) -> Rise | None:
    """
    Return the largest rise in the month of ``as_of`` up to that day; None if the usage as a whole did not rise.

    Only days count that are loaded in both months. Fewer than a week of them, where there could be more, tell nothing.
    """
    possible = _pair_days(as_of)
    pairs = [(day, same) for day, same in possible if {day, same} <= loaded]
    if len(pairs) < min(len(possible), _FEWEST_DAYS):
        return None
    days, same_days = zip(*pairs, strict=True)
    with localcontext(EXACT):
        rises = [
            Rise(mover, _add(daily, days), _add(daily, same_days), len(pairs), is_most=False)
            for mover, daily in sorted(movers.items())
        ]
        amounts = [rise.used - rise.before for rise in rises]
        if sum(amounts) <= 0:
            return None
        largest, amount = max(zip(rises, amounts, strict=True), key=lambda pair: pair[1])
        return largest._replace(is_most=2 * amount > sum(other for other in amounts if other > 0))


def _add(daily: DailySums, days: Iterable[date]) -> Decimal:
    return sum((daily.get(day, Decimal()) for day in days), Decimal())


def _pair_days(as_of: date) -> Sequence[tuple[date, date]]:
    """Return the days of a month up to ``as_of``, each with the same one of the month before, where that has it."""
    first = as_of.replace(day=1)
    first_before = (first - ONE_DAY).replace(day=1)
    numbers = range(min(as_of.day, (first - first_before).days))
    return [(first + ONE_DAY * number, first_before + ONE_DAY * number) for number in numbers]
