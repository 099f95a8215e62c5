"""Who moved a month most: the largest rise over the same days of the month before, to the last decimal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from datacoves_usage_provider.cost.rises import Mover, Rise, find_rise

NOV_1, OCT_1 = date(2026, 11, 1), date(2026, 10, 1)
NOV_2, OCT_2 = date(2026, 11, 2), date(2026, 10, 2)
LOADED = {NOV_1, OCT_1}


def make_mover(name: str) -> Mover:
    return Mover("sub_account_id", "Datacoves", "a", name)


def find(rises: dict[str, str], before: str = "10") -> Rise | None:
    """Find the rise of sub accounts, each by so much over ``before``."""
    movers = {
        make_mover(name): {NOV_1: Decimal(before) + Decimal(rise), OCT_1: Decimal(before)}
        for name, rise in rises.items()
    }
    return find_rise(movers, NOV_1, LOADED)


@pytest.mark.parametrize(
    ("rises", "name", "is_most"),
    [
        ({"a": "3", "b": "1"}, "a", True),
        ({"a": "1", "b": "3"}, "b", True),
        ({"a": "1", "b": "1"}, "a", False),  # exactly half is not most
        ({"a": "2", "b": "2", "c": "1"}, "a", False),
        ({"a": "2", "b": "-1"}, "a", True),  # what fell is not among the rises
        ({"a": "0.5"}, "a", True),
    ],
    ids=str,
)
def test_the_largest_rise_is_found_and_called_most_if_it_is_more_than_half(rises, name, is_most):
    rise = find(rises)
    assert rise is not None
    assert (rise.mover.value, rise.used, rise.before) == (name, 10 + Decimal(rises[name]), 10)
    assert rise.is_most is is_most


@pytest.mark.parametrize("rises", [{}, {"a": "0"}, {"a": "2", "b": "-2"}, {"a": "2", "b": "-3"}], ids=str)
def test_usage_that_did_not_rise_as_a_whole_has_no_rise(rises):
    assert find(rises) is None


def test_a_rise_in_the_last_decimal_of_the_largest_number_is_one():
    large = "9" * 19
    movers = {
        make_mover("a"): {NOV_1: Decimal(large), OCT_1: Decimal(large)},
        make_mover("b"): {NOV_1: Decimal(f"{large}.{'0' * 17}1"), OCT_1: Decimal(large)},
    }
    rise = find_rise(movers, NOV_1, LOADED)
    assert rise is not None
    assert (rise.mover.value, rise.is_most) == ("b", True)


@pytest.mark.parametrize("missing", [NOV_2, OCT_2])
def test_a_day_that_one_of_the_months_lacks_does_not_count(missing):
    november, october = ([date(2026, month, day) for day in range(1, 9)] for month in (11, 10))
    daily = dict.fromkeys(november, Decimal(5)) | dict.fromkeys(october, Decimal(2)) | {NOV_2: Decimal(100)}
    rise = find_rise({make_mover("a"): daily}, november[-1], {*november, *october} - {missing})
    assert rise == Rise(make_mover("a"), Decimal(35), Decimal(14), days=7, is_most=True)


@pytest.mark.parametrize(("until", "loaded", "is_told"), [(6, 6, True), (6, 5, False), (28, 7, True), (28, 6, False)])
def test_a_few_days_of_many_tell_no_rise(until, loaded, is_told):
    november, october = ([date(2026, month, day) for day in range(1, until + 1)] for month in (11, 10))
    daily = dict.fromkeys(november, Decimal(5)) | dict.fromkeys(october, Decimal(2))
    rise = find_rise({make_mover("a"): daily}, november[-1], {*november, *october[-loaded:]})
    assert (rise is not None) is is_told


def test_days_that_the_month_before_does_not_have_are_compared_with_none():
    march, february = ([date(2026, month, day) for day in range(1, last + 1)] for month, last in ((3, 31), (2, 28)))
    daily = dict.fromkeys(march, Decimal(2)) | dict.fromkeys(february, Decimal(1))
    rise = find_rise({make_mover("a"): daily}, march[-1], {*march, *february})
    assert rise == Rise(make_mover("a"), Decimal(56), Decimal(28), days=28, is_most=True)
