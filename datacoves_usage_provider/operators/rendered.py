"""
The values of arguments as rendering leaves them.

Templates make text of everything. With ``render_template_as_native_obj`` they make Python objects of text that looks
like one, so that an id of digits becomes a number, and they keep what a single expression is: a date, a tuple, a
generator, an undefined variable.
"""

from __future__ import annotations

import ast
import json
import os
import reprlib
from collections.abc import Iterable, Mapping, Set
from datetime import date, datetime, timezone
from typing import Any

from jinja2 import Undefined, UndefinedError

from datacoves_usage_provider.window import utc_day

MAX_DAYS = 3650


def simplify(value: Any) -> Any:
    """Return None for what renders to nothing, text without surrounding white space, and any other value as it is."""
    if isinstance(value, Undefined):
        value = _render(value)
    if isinstance(value, str):
        value = str(value).strip()  # jinja2's Markup is a kind of text
        return None if value in ("", "None") else value
    return value


def _render(variable: Undefined) -> str:
    """Return what text rendering makes of an undefined variable: nothing, or with Airflow's default an error."""
    try:
        return str(variable)
    except UndefinedError as error:
        raise ValueError(f"its template has an undefined variable: {error}") from error


def parse_text(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or isinstance(value, str):
        return value
    raise ValueError(f"must be text, not {show(value)}")


def parse_path(value: Any) -> str | None:
    return parse_text(os.fspath(value) if isinstance(value, os.PathLike) else value)


def parse_required(value: Any) -> str:
    text = parse_text(value)
    if text is None:
        raise ValueError("is required")
    return text


def parse_day(value: Any) -> date:
    """Return a day, or the UTC day of a moment; one without a time zone is UTC. Raises ``ValueError``."""
    if isinstance(value, datetime):
        value = value.astimezone(timezone.utc) if value.tzinfo else value
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if isinstance(value, str):
        return utc_day(value)
    raise ValueError(f"{show(value)} is not a day")


def parse_number_of_days(value: Any) -> int:
    try:
        number = float("nan" if isinstance(value, bool) else value)
    except (TypeError, ValueError, OverflowError):
        number = -1.0
    if not (0 <= number <= MAX_DAYS and number.is_integer()):
        raise ValueError(f"must be a whole number of days from 0 to {MAX_DAYS}, not {show(value)}")
    return int(number)


def parse_boolean(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ValueError(f"must be true or false, not {show(value)}")


def parse_filters(value: Any) -> Mapping[str, tuple[str, ...]]:
    if isinstance(value, str):
        value = _parse_object(value)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError('must be an object such as {"service": "airflow"}')
    filters = {str(name): simplify(wanted) for name, wanted in value.items()}
    return {name: _parse_values(name, wanted) for name, wanted in filters.items() if wanted is not None}


def _parse_object(text: str) -> Any:
    """Read JSON, or what Python writes: that is what ``{{ params.filters }}`` makes of an object."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        try:
            return ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            raise ValueError(f"is not JSON ({error})") from error


def parse_names(value: Any) -> tuple[str, ...] | None:
    return None if value is None else _parse_values("it", value)


def _parse_values(name: str, wanted: Any) -> tuple[str, ...]:
    values = _list(wanted)
    if not values:
        raise ValueError(f"{name} must be text or a list that is not empty, not {show(wanted)}")
    return tuple(dict.fromkeys(_parse_value(name, value) for value in values))


def _list(wanted: Any) -> list[Any]:
    if isinstance(wanted, str) and wanted.startswith("[") and wanted.endswith("]"):
        wanted = _parse_list(wanted)
    if isinstance(wanted, Set):
        return sorted(wanted, key=str)
    if isinstance(wanted, Iterable) and not isinstance(wanted, (str, bytes, Mapping)):
        return list(wanted)
    return [wanted]


def _parse_list(text: str) -> Any:
    try:
        return _parse_object(text)
    except ValueError:
        return text  # a name in brackets


def _parse_value(name: str, value: Any) -> str:
    try:
        text = parse_text(simplify(value))
    except ValueError as error:
        raise ValueError(f"each value of {name} {error}") from error
    if text is None:
        raise ValueError(f"{name} has an empty value")
    return text


def show(value: Any) -> str:
    """Return how ``value`` looks in Python, cut to a readable length."""
    return reprlib.repr(value)
