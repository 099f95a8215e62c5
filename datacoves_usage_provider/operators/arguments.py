"""The collecting operator's arguments as templates leave them: often text."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.window import Period, UsageWindow, parse_day

_MAX_DAYS = 3650
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
    """Return the checked arguments, or raise one ``UsageConfigError`` that lists all that do not fit."""
    problems: list[str] = []
    values = {name: _none_if_empty(value) for name, value in given.items()}

    def read(parse: Callable[..., Any], *names: str) -> Any:
        try:
            return parse(*(values[name] for name in names))
        except ValueError as error:
            problems.append(f"{' and '.join(names)}: {error}")

    sql_conn_id = read(_parse_optional, "sql_conn_id")
    window = read(_parse_window, "start", "end")
    lookback_days, catch_up_days = read(_parse_days, "lookback_days"), read(_parse_days, "catch_up_days")
    period_alone = sql_conn_id is None or window is not None
    arguments = CollectArguments(
        usage_conn_id=read(_parse_required, "usage_conn_id"),
        sql_conn_id=sql_conn_id,
        schema=read(_parse_optional, "schema"),
        period=read(_parse_period, "period"),
        window=window,
        lookback_days=0 if period_alone else lookback_days,
        catch_up_days=0 if period_alone else catch_up_days,
        filters=read(_parse_filters, "filters"),
        allow_empty=read(_parse_boolean, "allow_empty"),
    )
    if problems:
        raise UsageConfigError(f"The task's arguments do not fit: {'; '.join(problems)}.")
    return arguments


def _none_if_empty(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
        return None if value in ("", "None") else value
    return value


def _parse_required(value: Any) -> str:
    text = _parse_optional(value)
    if text is None:
        raise ValueError("is required")
    return text


def _parse_optional(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise ValueError(f"must be text, not {value!r}")


def _parse_period(value: Any) -> Period:
    if value == "day":
        return "day"
    if value == "month":
        return "month"
    raise ValueError(f"must be 'day' or 'month', not {value!r}")


def _parse_window(start: Any, end: Any) -> UsageWindow | None:
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise ValueError("give both or neither; end is the day after the last one")
    try:
        days = parse_day(start), parse_day(end)
    except (TypeError, ValueError) as error:
        raise ValueError(f"must be days of the form YYYY-MM-DD, not {start!r} and {end!r}") from error
    if days[0] < _EARLIEST:
        raise ValueError(f"{days[0]} is long before any usage: is the year right?")
    return UsageWindow(*days)


def _parse_days(value: Any) -> int:
    try:
        days = int(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else -1
    except ValueError:
        days = -1
    if not 0 <= days <= _MAX_DAYS:
        raise ValueError(f"must be a whole number of days from 0 to {_MAX_DAYS}, not {reprlib.repr(value)}")
    return days


def _parse_boolean(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ValueError(f"must be true or false, not {reprlib.repr(value)}")


def _parse_filters(value: Any) -> Mapping[str, tuple[str, ...]]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise ValueError(f"is not JSON ({error})") from error
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError('must be an object such as {"service": "airflow"}')
    filters = {name: _none_if_empty(wanted) for name, wanted in value.items()}
    return {name: _parse_values(name, wanted) for name, wanted in filters.items() if wanted is not None}


def _parse_values(name: str, wanted: Any) -> tuple[str, ...]:
    values = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(values, (list, tuple)) or not values:
        raise ValueError(f"{name} must be a text or a list of at least one, not {wanted!r}")
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise ValueError(f"{name} has a value that is empty or no text: {values!r}")
    return tuple(dict.fromkeys(value.strip() for value in values))
