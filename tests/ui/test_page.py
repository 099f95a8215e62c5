"""A user looks at the usage page in Airflow's menu; another one may not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.real_runs.airflow_server import VIEWER
from tests.real_runs.cases import AIRFLOW
from tests.ui.conftest import PASSWORD
from tests.ui.interface import log_in

DAY = """
    SELECT sum(consumed_quantity) FROM usage_daily
    WHERE billing_account_id = 'analytics' AND charge_period_start = :day
"""
DAG_MONTH = """
    SELECT sum(consumed_quantity) FROM usage_allocation
    WHERE allocated_resource_id = :dag_id AND charge_period_start >= :start
"""
DAG_ID = "load_orders_00"
PAGE = "/plugin/datacoves_usage" if AIRFLOW == 3 else "/datacoves_usage/"


@pytest.fixture
def complaints(ui):
    """What the browser's console says of our page."""
    found = []

    def listen(message):
        if message.type == "error" and "datacoves_usage" in message.location["url"]:
            found.append(message.text)

    ui.page.on("console", listen)
    ui.page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.fixture
def frame(ui, usage_shown):
    """What the page is in: on Airflow 3 a frame."""
    return ui.page.frame_locator("iframe") if AIRFLOW == 3 else ui.page


def open_from_menu(ui, frame):
    ui.page.goto("/")
    ui.page.get_by_role("link", name="Usage", exact=True).first.click()
    frame.locator(".usage .cards").first.wait_for()


def test_from_the_menu_to_a_bar_that_says_what_sql_says(ui, frame, usage_shown, complaints):
    open_from_menu(ui, frame)
    ui.take_picture("usage-page")
    frame.locator("svg.chart").first.locator(".d").last.hover()
    expect(frame.locator(".tip")).to_be_visible()
    yesterday = datetime.now(timezone.utc).date() - timedelta(days=1)
    ((minutes,),) = usage_shown.query(DAY, day=yesterday)
    assert f": {minutes:,.0f} minutes" in frame.locator(".tip").inner_text()
    ui.take_picture("usage-hover")
    assert complaints == []


def test_days_are_links_that_survive_a_reload(ui, frame, complaints):
    open_from_menu(ui, frame)
    frame.get_by_role("link", name="92 days").click()
    expect(frame.locator("[aria-current=page]")).to_have_text("92 days")
    ui.page.reload()
    expect(frame.locator("[aria-current=page]")).to_have_text("92 days")
    assert frame.locator("svg.chart").first.locator(".d").count() == 92
    assert complaints == []


def test_another_account_is_a_link(ui, frame, complaints):
    open_from_menu(ui, frame)
    frame.get_by_role("link", name="B3OS · shop").click()
    frame.get_by_text("Compute Units by day").wait_for()
    assert complaints == []


def test_a_dag_of_the_list_has_a_page_of_its_own(ui, frame, usage_shown, complaints):
    open_from_menu(ui, frame)
    frame.get_by_role("link", name=DAG_ID).click()
    frame.get_by_text("Share of its environment").wait_for()
    ui.take_picture("usage-dag")
    first = datetime.now(timezone.utc).date() - timedelta(days=31)
    ((minutes,),) = usage_shown.query(DAG_MONTH, dag_id=DAG_ID, start=first)
    assert f"{minutes:,.0f} minutes" in frame.locator(".card").first.inner_text()
    assert complaints == []


if AIRFLOW == 3:  # Airflow 2 has no tabs for others on a DAG's page

    def test_a_dag_has_a_tab_that_says_what_it_used(ui, frame):
        ui.page.goto("/dags/usage_backfill")
        ui.page.get_by_role("link", name="Usage", exact=True).last.click()
        frame.get_by_text("No minutes are allocated to the DAG 'usage_backfill' in environment 'prod01'").wait_for()
        ui.take_picture("usage-tab", height=500)


if AIRFLOW == 3:  # Airflow 2 inverts all colours by itself

    def test_both_themes(ui, frame):
        open_from_menu(ui, frame)
        grounds = {}
        for theme in ("dark", "light"):
            ui.page.evaluate("theme => { document.documentElement.className = theme }", theme)
            ui.page.wait_for_timeout(300)
            grounds[theme] = frame.locator(".usage").evaluate("one => getComputedStyle(one).backgroundColor")
            ui.take_picture(f"usage-{theme}")
        assert grounds == {"dark": "rgb(16, 22, 29)", "light": "rgb(246, 248, 250)"}


@pytest.fixture(scope="module")
def viewer(tab, server, usage_shown):
    context = tab.browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    log_in(page, "/", VIEWER, PASSWORD)
    yield page
    context.close()


def test_p18_a_viewer_is_told_which_right_is_needed(viewer, ui):
    viewer.goto(PAGE)
    shown = viewer.frame_locator("iframe") if AIRFLOW == 3 else viewer
    shown.get_by_text("No right to see usage").first.wait_for()


def test_the_task_that_collects_has_a_button_to_the_page(ui, daily_run):
    dag_id, run_id = daily_run
    links = ui.get(f"dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/collect/links")
    assert links.get("extra_links", links)["Usage"].endswith(PAGE)


if AIRFLOW == 2:  # the permission is one of Airflow 2

    def test_p18_a_role_with_the_permission_sees_usage(server, viewer):
        grant = ["-m", "airflow", "roles", "add-perms", "-a", "can_read", "menu_access", "-r", "Usage", "--", "Viewer"]
        server.processes.run("grant", *grant, seconds=120)
        viewer.goto("/home")
        viewer.get_by_role("link", name="Usage", exact=True).click()
        viewer.get_by_text("Worker Minutes by day").wait_for()
