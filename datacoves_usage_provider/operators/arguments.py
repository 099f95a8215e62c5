"""The collecting operator's arguments, checked together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from datacoves_usage_provider.operators.argument_reader import ArgumentReader
from datacoves_usage_provider.operators.rendered import (
    parse_boolean,
    parse_day,
    parse_filters,
    parse_number_of_days,
    parse_required,
    parse_text,
    show,
)
from datacoves_usage_provider.window import Period, UsageWindow

_EARLIEST = date(2000, 1, 1)  # no metered service is older; a mistyped year would load centuries, month by month


@dataclass(frozen=True)
class CollectArguments:
    """
    What a task is to collect.

    ``window`` is what ``start`` and ``end`` say, None where ``period`` decides. ``lookback_days`` and ``catch_up_days``
    are 0 where they do not count: with a ``window``, and in a dry run.
    """

    usage_conn_id: str
    sql_conn_id: str | None
    schema: str | None
    period: Period
    window: UsageWindow | None
    lookback_days: int
    catch_up_days: int
    filters: Mapping[str, tuple[str, ...]]
    allow_empty: bool


def read_arguments(given: Mapping[str, Any]) -> CollectArguments:
    """Return the checked arguments, or raise one ``UsageConfigError`` that lists everything that is wrong."""
    reader = ArgumentReader(given)
    read = reader.read
    sql_conn_id = read(parse_text, "sql_conn_id")
    window = read(parse_window, "start", "end")
    lookback_days = read(parse_number_of_days, "lookback_days")
    catch_up_days = read(parse_number_of_days, "catch_up_days")
    period_alone = sql_conn_id is None or window is not None
    arguments = CollectArguments(
        usage_conn_id=read(parse_required, "usage_conn_id"),
        sql_conn_id=sql_conn_id,
        schema=read(parse_text, "schema"),
        period=read(parse_period, "period"),
        window=window,
        lookback_days=0 if period_alone else lookback_days,
        catch_up_days=0 if period_alone else catch_up_days,
        filters=read(parse_filters, "filters"),
        allow_empty=read(parse_boolean, "allow_empty"),
    )
    reader.check()
    return arguments


def parse_period(value: Any) -> Period:
    if value == "day":
        return "day"
    if value == "month":
        return "month"
    raise ValueError(f"must be 'day' or 'month', not {show(value)}")


def parse_window(start: Any, end: Any) -> UsageWindow | None:
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise ValueError("give both or neither; end is the day after the last one")
    try:
        days = parse_day(start), parse_day(end)
    except ValueError as error:
        raise ValueError(f"must be days of the form YYYY-MM-DD, not {show(start)} and {show(end)}") from error
    if days[0] < _EARLIEST:
        raise ValueError(f"{days[0]} is long before any usage: is the year right?")
    return UsageWindow(*days)
