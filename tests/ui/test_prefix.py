"""An Airflow below a path, as behind a company's proxy: the page, its links and its chart work there, too."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.real_runs.airflow_server import USER, serve_below
from tests.real_runs.cases import AIRFLOW
from tests.ui.conftest import PASSWORD
from tests.ui.interface import log_in

PREFIX = "/team"


@pytest.fixture
def page(server, usage_shown, tab):
    """A tab of a user who is logged in to an Airflow below ``PREFIX``."""
    url = serve_below(server, PREFIX)
    context = tab.browser.new_context(viewport={"width": 1280, "height": 1100})
    page = context.new_page()
    log_in(page, f"{url}/", USER, PASSWORD)
    yield page
    context.close()


def test_the_page_works_below_a_path(page, ui):
    """From the menu to the page, its chart, another number of days, a DAG, and back."""
    frame = page.frame_locator("iframe") if AIRFLOW == 3 else page
    asked = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.get_by_role("link", name="Usage", exact=True).first.click()
    frame.locator("svg.chart").first.locator(".d").last.hover()
    expect(frame.locator(".tip")).to_be_visible()
    page.screenshot(path=ui.pictures / "usage-below-a-path.png")
    frame.get_by_role("link", name="92 days").click()
    expect(frame.locator("[aria-current=page]")).to_have_text("92 days")
    page.reload()
    expect(frame.locator("[aria-current=page]")).to_have_text("92 days")
    frame.get_by_role("link", name="load_orders_00").click()
    frame.get_by_text("Share of its environment").wait_for()
    ours = [path for path in asked if "/datacoves_usage" in path]
    assert len(ours) >= 3
    assert [path for path in ours if not path.startswith(f"{PREFIX}/")] == []
