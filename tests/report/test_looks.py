"""Colours that anyone can tell apart, links that work below any prefix, names that cannot be markup."""

from __future__ import annotations

import re

import pytest

from datacoves_usage_provider.report import html
from datacoves_usage_provider.report.period import make_page_period
from datacoves_usage_provider.report.reading import read_usage
from tests.report.conftest import TODAY

STYLE = html.render_style()
PAIRS = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", STYLE)
COLOURS = [{name: pair[theme] for name, *pair in PAIRS} for theme in (0, 1)]
TEXTS = [
    *((name, ground) for name in ("ink", "soft", "link", "good", "warn", "bad") for ground in ("card", "ground")),
    ("ink", "warn-ground"),
    ("ink", "bad-ground"),
    ("card", "s0"),  # the chosen number of days
    ("card", "ink"),  # what stands at the pointer
]
SHAPES = [(f"s{number}", "card") for number in range(6)]


def find_contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""
    light, dark = sorted((find_luminance(one), find_luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def find_luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", COLOURS, ids=["light", "dark"])
def test_text_and_bars_have_the_contrast_of_wcag_aa(colours):
    found = {(one, other): find_contrast(colours[one], colours[other]) for one, other in TEXTS + SHAPES}
    assert {pair: ratio for pair, ratio in found.items() if ratio < (4.5 if pair in TEXTS else 3)} == {}


def test_browsers_without_light_dark_get_the_light_colours():
    plain = dict(re.findall(r"--([\w-]+): (#\w+);", STYLE))
    assert plain == COLOURS[0]


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_every_link_is_relative_and_no_name_is_markup(reader):
    period = make_page_period(TODAY, 31)
    content = html.render_content(read_usage(reader, period), period, html.Links(31))
    links = re.findall(r'href="([^"]*)"', content)
    assert len(links) > 10
    assert [link for link in links if not link.startswith(("?", "dag/"))] == []
    assert "<QA>" not in content
    assert content.count("Test &amp; &lt;QA&gt;") > 3
