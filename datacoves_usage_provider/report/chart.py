"""
Bar charts as inline SVG: no script, no library, and each number as its exact text.

Colours are CSS classes (templates/style.css), so one chart serves light, dark and paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape
from typing import NamedTuple

from datacoves_usage_provider.report.coverage import State
from datacoves_usage_provider.report.numbers import show

WIDTH = 960
_HEIGHT = 232
_LEFT = 64
_CHARACTER = 10
"""How wide one at the axis may be."""
_TOP = 10
_BOTTOM = 24
_LINES = 4


class Column(NamedTuple):
    """
    One bar: ``parts`` from the bottom up, one for each series, none below 0.

    ``label`` stands below it, ``hover`` has its exact numbers. Only a ``loaded`` one without height is a zero.
    """

    label: str
    hover: str
    state: State
    parts: Sequence[Decimal]


def draw_columns(columns: Sequence[Column], name: str) -> str:
    """Return an ``<svg>``; ``name`` tells its pattern from those of other charts on the page."""
    top = find_top(max(map(_add, columns), default=Decimal(0)))
    scale = _Scale(len(columns), top)
    pattern = (
        f'<pattern id="{escape(name)}" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="hatch" width="2" height="6"/></pattern>'
    )
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {_HEIGHT}" aria-hidden="true"><defs>{pattern}</defs>',
        *_draw_lines(scale),
        *_draw_gaps(columns, scale, name),
        *_draw_series(columns, scale),
        f'<path class="base" d="M{scale.left} {scale.y(Decimal(0)):.1f}H{WIDTH}"/>',  # over the outlines of bars
        *_draw_labels(columns, scale),
        *_draw_hovers(columns, scale),
        "</svg>",
    ]
    return "".join(parts)


def find_top(largest: Decimal) -> Decimal:
    """Return the end of the axis: 1, 2, 4, 5, 6, 8 or 10 times a power of ten, at least ``largest``."""
    if largest <= 0:
        return Decimal(1)
    power = Decimal(1).scaleb(largest.adjusted())
    return next(factor * power for factor in (1, 2, 4, 5, 6, 8, 10) if factor * power >= largest)


class _Scale:
    def __init__(self, columns: int, top: Decimal) -> None:
        self.ticks = _find_ticks(top)
        self.left = max(_LEFT, 8 + _CHARACTER * max(len(show(tick)) for tick in self.ticks))
        self._top = float(top)
        self.step = (WIDTH - self.left) / max(columns, 1)
        self.width = min(self.step * 0.78, 64)

    def x(self, index: int) -> float:
        return self.left + self.step * index + (self.step - self.width) / 2

    def y(self, number: Decimal) -> float:
        height = _HEIGHT - _TOP - _BOTTOM
        return _TOP + height * (1 - float(number) / self._top)


def _find_ticks(top: Decimal) -> list[Decimal]:
    count = 5 if top.as_tuple().digits[0] == 5 else _LINES
    return [top * index / count for index in range(count + 1)]


def _draw_lines(scale: _Scale) -> Iterator[str]:
    for number in scale.ticks:
        y = scale.y(number)
        if number:
            yield f'<path class="line" d="M{scale.left} {y:.1f}H{WIDTH}"/>'
        yield f'<text class="tick" x="{scale.left - 8}" y="{y + 4:.1f}" text-anchor="end">{show(number)}</text>'


def _draw_gaps(columns: Sequence[Column], scale: _Scale, name: str) -> Iterator[str]:
    """Hatch what is not loaded, above what is known of a day that is loaded in part."""
    for index, column in enumerate(columns):
        if column.state != "loaded":
            y = scale.y(_add(column))
            yield (
                f'<rect class="gap" fill="url(#{escape(name)})" x="{scale.x(index):.1f}" y="{_TOP}" '
                f'width="{scale.width:.1f}" height="{max(y - _TOP, 0):.1f}"/>'
            )


def _draw_series(columns: Sequence[Column], scale: _Scale) -> Iterator[str]:
    series = max((len(column.parts) for column in columns), default=0)
    for number in range(series):
        bars = "".join(_draw_bar(column, index, number, scale) for index, column in enumerate(columns))
        if bars:
            yield f'<path class="s{number}" d="{bars}"/>'
    zeros = [index for index, column in enumerate(columns) if column.state == "loaded" and not _add(column)]
    if zeros:
        y = scale.y(Decimal(0))
        path = "".join(f"M{scale.x(index):.1f} {y - 2:.1f}h{scale.width:.1f}v2h-{scale.width:.1f}z" for index in zeros)
        yield f'<path class="zero" d="{path}"/>'


def _draw_bar(column: Column, index: int, number: int, scale: _Scale) -> str:
    if number >= len(column.parts) or column.parts[number] <= 0:
        return ""
    bottom = sum(column.parts[:number], Decimal(0))
    low, high = scale.y(bottom), scale.y(bottom + column.parts[number])
    return f"M{scale.x(index):.1f} {low:.1f}h{scale.width:.1f}V{high:.1f}h-{scale.width:.1f}z"


def _draw_labels(columns: Sequence[Column], scale: _Scale) -> Iterator[str]:
    for index, column in enumerate(columns):
        if column.label:
            x = scale.x(index) + scale.width / 2
            yield f'<text class="tick" x="{x:.1f}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(column.label)}</text>'


def _draw_hovers(columns: Sequence[Column], scale: _Scale) -> Iterator[str]:
    height = _HEIGHT - _TOP - _BOTTOM
    for index, column in enumerate(columns):
        x = scale.x(index) - (scale.step - scale.width) / 2
        yield (
            f'<g class="d"><title>{escape(column.hover)}</title>'
            f'<rect x="{x:.1f}" y="{_TOP}" width="{scale.step:.1f}" height="{height}"/></g>'
        )


def _add(column: Column) -> Decimal:
    return sum(column.parts, Decimal(0))
