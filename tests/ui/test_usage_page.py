"""A user looks at the usage page in Airflow's menu; another one may not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import expect

from tests.real_runs.cases import AIRFLOW
from tests.support.page_usage import PageUsage
from tests.support.warehouse import WarehouseDatabase

DAY = """
    SELECT sum(consumed_quantity) FROM usage_daily
    WHERE billing_account_id = 'analytics' AND charge_period_start = :day
"""


@pytest.fixture(scope="module")
def shown(databases) -> WarehouseDatabase:
    PageUsage(databases["page"], datetime.now(timezone.utc).date()).fill()
    return WarehouseDatabase("page", "postgresql", databases["page"])


@pytest.fixture
def frame(ui, shown):
    """The page as the menu opens it: on Airflow 3 in a frame."""
    complaints = []
    ui.page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    ui.page.goto("/")
    ui.page.get_by_role("link", name="Usage", exact=True).first.click()
    frame = ui.page.frame_locator("iframe") if AIRFLOW == 3 else ui.page
    frame.locator(".usage .cards").first.wait_for()
    yield frame
    assert [text for text in complaints if "usage" in text] == []


def test_the_menu_opens_the_page_whose_hover_is_what_sql_says(ui, frame, shown):
    ui.take_picture("usage-page")
    day = frame.locator("svg.chart").first.locator(".d").last
    day.hover()
    tip = frame.locator(".tip")
    expect(tip).to_be_visible()
    yesterday = datetime.now(timezone.utc).date() - timedelta(days=1)
    ((minutes,),) = shown.query(DAY, day=yesterday)
    assert f": {minutes:,.0f} minutes" in tip.inner_text()
    ui.take_picture("usage-hover")
