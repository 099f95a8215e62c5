"""The report in a browser's print: A4, nothing cut, no request."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.cost.forecast import get_month
from datacoves_usage_provider.report.dag import DagSummary
from datacoves_usage_provider.report.dag_reading import read_dag
from datacoves_usage_provider.report.html import Links, render_content, render_dag, render_document, render_report
from datacoves_usage_provider.report.period import make_month_period, make_page_period
from datacoves_usage_provider.report.reading import read_usage
from datacoves_usage_provider.warehouse.reader import WarehouseReader
from tests.support.page_usage import PageUsage

A4 = {"width": 703, "height": 1032}
"""At 96 dots per inch, less 12 mm on each side."""
BOXES = """
    [...document.querySelectorAll("figure, .card, tr")].map(box => ({
        height: box.offsetHeight,
        right: box.getBoundingClientRect().right,
        kept: getComputedStyle(box).breakInside,
    }))
"""
LAST_ROWS = """
    [...document.querySelectorAll("tbody > :last-child")].map(row => getComputedStyle(row).breakBefore)
"""
"""A table's last row does not begin a page."""
BROKEN_WORDS = r"""
    [...document.querySelectorAll("td, th, .card, h2")].flatMap(box => {
        const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
        const broken = [];
        while (texts.nextNode()) {
            for (const word of texts.currentNode.data.matchAll(/[^\s_.-]+/g)) {
                const range = document.createRange();
                range.setStart(texts.currentNode, word.index);
                range.setEnd(texts.currentNode, word.index + word[0].length);
                if (new Set([...range.getClientRects()].map(one => one.top)).size > 1) broken.push(word[0]);
            }
        }
        return broken;
    })
"""


@pytest.fixture
def report(tmp_path):
    uri = f"sqlite:///{tmp_path}/warehouse.db"
    today = date(2026, 11, 28)
    PageUsage(uri, today).fill()
    reader = WarehouseReader(create_engine(uri, poolclass=NullPool), None, "usage_warehouse")
    period = make_month_period(get_month(date(2026, 11, 1)), today)
    path = tmp_path / "report.html"
    path.write_text(render_report(read_usage(reader, period, all_accounts=True), period))
    return path


def test_nothing_is_cut_on_a4_and_nothing_is_requested(tab, ui, report):
    page = tab.browser.new_context(viewport=A4, java_script_enabled=False).new_page()
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(report.as_uri())
    page.emulate_media(media="print")
    boxes, last_rows = page.evaluate(BOXES), page.evaluate(LAST_ROWS)
    page.screenshot(path=ui.pictures / "report-print.png", full_page=True)
    page.pdf(path=ui.pictures / "report.pdf", prefer_css_page_size=True)
    page.context.close()
    assert len(boxes) > 20
    assert [box for box in boxes if box["height"] > A4["height"] or box["kept"] != "avoid"] == []
    assert [box for box in boxes if box["right"] > A4["width"] - 1] == []  # a border at the very edge is not printed
    assert set(last_rows) == {"avoid"}
    assert requests == [report.as_uri()]


CUT = """
    [...document.querySelectorAll("svg.chart")].flatMap(chart => {
        const box = chart.parentElement.getBoundingClientRect();
        return [...chart.querySelectorAll("text")].filter(text => text.getBoundingClientRect().left < box.left);
    }).map(text => text.textContent)
"""
SMALLEST = """
    Math.min(...[...document.querySelectorAll("svg.chart text")].map(text => text.getBoundingClientRect().height))
"""
WIDER = "Math.max(document.documentElement.scrollWidth - innerWidth, 0)"


@pytest.fixture
def large(tmp_path):
    """The page of an account with billions of minutes and names that have no place to break."""
    uri = f"sqlite:///{tmp_path}/warehouse.db"
    today = date(2026, 11, 28)
    usage = PageUsage(uri, today)
    usage.fill()
    with usage.engine.begin() as connection:
        connection.execute(text("UPDATE usage_daily SET consumed_quantity = consumed_quantity * 1000000"))
        connection.execute(
            text(f"UPDATE usage_daily SET sub_account_name = '{'W' * 250}' WHERE service_name = 'airflow'")
        )
        connection.execute(
            text(
                f"UPDATE usage_allocation SET allocated_resource_id = '{'d' * 250}'"
                " WHERE allocated_resource_id = 'load_orders_00'"
            )
        )
    reader = WarehouseReader(create_engine(uri, poolclass=NullPool), None, "usage_warehouse")
    period = make_page_period(today, 31)
    dag = DagSummary(read_dag(reader, "d" * 250, period.shown, None), period.shown)
    contents = [render_content(read_usage(reader, period), period, Links(31)), render_dag(dag, "../")]
    return [render_document("Usage", content) for content in contents]


@pytest.mark.parametrize("width", [400, 700, 1280])
def test_long_names_and_large_numbers_have_their_place(tab, large, width):
    page = tab.browser.new_context(viewport={"width": width, "height": 900}).new_page()
    for content in large:
        page.set_content(content)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert page.evaluate(WIDER) == 0
        assert page.evaluate(CUT) == []
        assert page.evaluate(SMALLEST) > 9
    page.context.close()


@pytest.mark.parametrize("width", [400, 600, 940, 1000, 1600])
def test_no_word_is_broken(tab, report, width):
    page = tab.browser.new_context(viewport={"width": width, "height": 900}).new_page()
    written = report.read_text()
    page.set_content(
        written.replace("load_<wbr>orders", "transforming_<wbr>orders").replace(">core<", ">analytics engineering<")
    )
    broken = page.evaluate(BROKEN_WORDS)
    page.context.close()
    assert broken == []
