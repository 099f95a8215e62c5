"""Days on which usage is unusual for its weekday: what ``usage_jump`` shows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, and_, case, extract, func, literal_column, or_, select
from sqlalchemy.sql import ColumnElement, Select

from datacoves_usage_provider.query import ANY

_SERIES = ("service_provider_name", "billing_account_id", "sub_account_id", "service_name", "sku_meter")
_WEEKS = 8
_FEWEST_WEEKS = 4
_BELOW: ColumnElement[Any] = literal_column("0.75")
_ABOVE: ColumnElement[Any] = literal_column("1.25")


def select_jumps(daily: Table, load_log: Table) -> Select[Any]:
    """
    Select the days outside of the range of the last 8 same weekdays by 25 %, at least 4 of which are loaded.

    A loaded day without rows counts as 0. Of a jump that goes on there is only the first day: after a week it is part
    of the range.
    """
    jumps = _compare_with_days_before(_find_sides(_find_bounds(_select_days(daily, load_log)))).subquery("jumps")
    found = jumps.c
    return select(
        *_get_series(jumps), found.charge_period_start, found.consumed_quantity, found.x_low, found.x_high
    ).where(
        or_(
            and_(found.side == 1, func.coalesce(found.highest_side_before, 0) < 1),
            and_(found.side == -1, func.coalesce(found.lowest_side_before, 0) > -1),
        )
    )


def _find_bounds(days: Select[Any]) -> Select[Any]:
    """Add what the same weekdays allow: ``x_low``, ``x_high``, and how many ``weeks`` say so."""
    given = days.subquery("days")
    quantity = given.c.consumed_quantity

    def of_weekdays(function: Any) -> ColumnElement[Any]:
        series = [*_get_series(given), extract("dow", given.c.charge_period_start)]
        return _look_back(function, series, given, from_days=7 * _WEEKS, to_days=7)

    return select(
        *given.c,
        of_weekdays(func.count(quantity)).label("weeks"),
        (of_weekdays(func.min(quantity)) * _BELOW).label("x_low"),
        (of_weekdays(func.max(quantity)) * _ABOVE).label("x_high"),
    )


def _find_sides(bounds: Select[Any]) -> Select[Any]:
    """Add the ``side`` of the bounds that each day is on: 1 above, -1 below, 0 neither."""
    given = bounds.subquery("bounds")
    side = case(
        (given.c.weeks < _FEWEST_WEEKS, 0),
        (given.c.consumed_quantity > given.c.x_high, 1),
        (given.c.consumed_quantity < given.c.x_low, -1),
        else_=0,
    )
    return select(*given.c, side.label("side"))


def _compare_with_days_before(sides: Select[Any]) -> Select[Any]:
    """Add the sides of the six days before, so that a weekend does not begin a jump anew."""
    given = sides.subquery("sides")

    def of_days_before(function: Any) -> ColumnElement[Any]:
        return _look_back(function, _get_series(given), given, from_days=6, to_days=1)

    return select(
        *given.c,
        of_days_before(func.max(given.c.side)).label("highest_side_before"),
        of_days_before(func.min(given.c.side)).label("lowest_side_before"),
    )


def _look_back(
    function: Any, series: list[ColumnElement[Any]], given: Any, from_days: int, to_days: int
) -> ColumnElement[Any]:
    # In seconds, since databases count days in ways of their own, and not all of them know a range of intervals.
    seconds = (-from_days * 86_400, -to_days * 86_400)
    window: ColumnElement[Any] = function.over(partition_by=series, order_by=given.c.second, range_=seconds)
    return window


def _select_days(daily: Table, load_log: Table) -> Select[Any]:
    """Select what each series used on each day that is loaded for it, with the day in seconds."""
    loaded = _select_loaded_days(daily, load_log).subquery("loaded")
    key = [*_get_series(daily), daily.c.charge_period_start]
    used = select(*key, func.sum(daily.c.consumed_quantity).label("quantity")).group_by(*key).subquery("used")
    is_same = and_(*(used.c[name] == loaded.c[name] for name in (*_SERIES, "charge_period_start")))
    return select(
        *loaded.c,
        extract("epoch", loaded.c.charge_period_start).label("second"),
        func.coalesce(used.c.quantity, 0).label("consumed_quantity"),
    ).select_from(loaded.outerjoin(used, is_same))


def _select_loaded_days(daily: Table, load_log: Table) -> Select[Any]:
    series = select(*_get_series(daily)).distinct().subquery("series")
    cells = (*_SERIES[:-1], "charge_period_start")
    of_all = load_log.c.resource_id == ANY
    logged = select(*(load_log.c[name] for name in cells)).where(of_all).distinct().subquery("logged")
    is_loaded = and_(
        logged.c.service_provider_name == series.c.service_provider_name,
        logged.c.billing_account_id == series.c.billing_account_id,
        logged.c.sub_account_id.in_([series.c.sub_account_id, ANY]),
        logged.c.service_name.in_([series.c.service_name, ANY]),
    )
    joined = series.join(logged, is_loaded)
    return select(*_get_series(series), logged.c.charge_period_start).select_from(joined).distinct()


def _get_series(source: Any) -> list[ColumnElement[Any]]:
    return [source.c[name] for name in _SERIES]
