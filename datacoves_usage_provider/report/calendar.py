"""A calendar of which days are loaded, as inline SVG: a row for each weekday, a column for each week."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from html import escape

from datacoves_usage_provider.report.coverage import State
from datacoves_usage_provider.report.numbers import show_day, show_short_month

_CELL = 14
_LEFT = 30
_TOP = 18
_WORDS = {"loaded": "loaded", "part": "loaded in part", "missing": "not loaded"}
_WEEKDAYS = {0: "Mon", 2: "Wed", 4: "Fri", 6: "Sun"}


def draw_calendar(states: Mapping[date, State]) -> str:
    """Return an ``<svg>`` of sorted days; each has its own words for a reader without eyes for colour."""
    if not states:
        return ""
    first = min(states)
    width = _LEFT + _CELL * (_find_week(max(states), first) + 1)
    marks = "".join([*_draw_names(states, first), *(_draw_day(day, first, state) for day, state in states.items())])
    height = _TOP + _CELL * 7
    return f'<svg class="calendar" viewBox="0 0 {width} {height}" width="{width}" height="{height}">{marks}</svg>'


def _find_week(day: date, first: date) -> int:
    return (day.toordinal() - first.toordinal() + first.weekday()) // 7


def _draw_names(states: Mapping[date, State], first: date) -> Iterator[str]:
    for weekday, name in _WEEKDAYS.items():
        yield f'<text class="tick" x="0" y="{_TOP + _CELL * weekday + 11}">{name}</text>'
    for day in states:
        if day.day == 1:
            x = _LEFT + _CELL * _find_week(day, first)
            yield f'<text class="tick" x="{x}" y="11">{escape(show_short_month(day))}</text>'


def _draw_day(day: date, first: date, state: State) -> str:
    x, y = _LEFT + _CELL * _find_week(day, first), _TOP + _CELL * day.weekday()
    title = f"<title>{show_day(day)} {day.year}: {_WORDS[state]}</title>"
    return (
        f'<g><rect class="{state}" x="{x + 1}" y="{y + 1}" width="{_CELL - 2}" height="{_CELL - 2}" rx="2"/>{title}</g>'
    )
