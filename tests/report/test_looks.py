"""Colours that anyone can tell apart, links that work below any prefix, names that cannot be markup."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from datacoves_usage_provider.cost.forecast import get_month
from datacoves_usage_provider.report import html
from datacoves_usage_provider.report.money import find_places
from datacoves_usage_provider.report.period import make_month_period, make_page_period
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


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_costs_of_a_column_have_their_points_below_each_other(reader):
    period = make_page_period(TODAY, 31)
    content = html.render_content(read_usage(reader, period), period, html.Links(31))
    for table in re.findall(r"<table.*?</table>", content, re.DOTALL)[:4]:
        costs = re.findall(r"([\d,.]+)&nbsp;USD", table)
        assert len({len(cost.partition(".")[2]) for cost in costs}) <= 1
    assert "21.2790&nbsp;USD" in content


@pytest.mark.parametrize(
    ("amounts", "places"), [(["1", "200"], 0), (["99.5", "1"], 2), (["21.279", "0.0123"], 4), (["0.123456789"], 2)]
)
def test_money_has_no_decimals_or_at_least_two(amounts, places):
    assert find_places([[("USD", Decimal(amount))] for amount in amounts]) == places


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_on_paper_each_table_has_a_heading(reader):
    period = make_month_period(get_month(TODAY), TODAY)
    report = html.render_report(read_usage(reader, period, all_accounts=True), period)
    printed = re.sub(r"<details>.*?</details>", "", report, flags=re.DOTALL)
    before = re.findall(r"(<h[23]>[^<]*</h[23]>\s*)?(?:<div class=\"scroll\">)?<table", printed)
    assert len(before) > 5
    assert all(before)


def test_a_name_ends_its_line_after_an_underscore_and_cannot_be_markup():
    assert html.break_names("load_orders.<b>") == "load_<wbr>orders.<wbr>&lt;b&gt;"
