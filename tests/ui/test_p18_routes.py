"""Who may see usage, asked of a running web server without a browser: `make smoke` tries it on each version."""

from __future__ import annotations

from importlib.metadata import version

import pytest
import requests
from packaging.version import Version

from datacoves_usage_provider import CollectUsageOperator
from tests.real_runs.airflow_server import USER, VIEWER
from tests.real_runs.cases import AIRFLOW
from tests.ui.conftest import PASSWORD
from tests.ui.logged_in import REQUEST_SECONDS, log_in

HAS_PAGE = AIRFLOW == 2 or Version(version("apache-airflow")) >= Version("3.1.2")
ROUTES = ("/datacoves_usage/", "/datacoves_usage/dag/load_orders_00")


@pytest.fixture(scope="module")
def admin(server, usage_shown):
    return log_in(server.url, USER, PASSWORD)


@pytest.fixture(scope="module")
def viewer(server, usage_shown):
    return log_in(server.url, VIEWER, PASSWORD)


def get(session, server, route, **headers):
    return session.get(f"{server.url}{route}", timeout=REQUEST_SECONDS, allow_redirects=False, headers=headers)


def test_a_task_has_the_button_where_there_is_a_page():
    assert [link.name for link in CollectUsageOperator.operator_extra_links] == (["Usage"] if HAS_PAGE else [])


if HAS_PAGE:

    @pytest.mark.parametrize("route", ROUTES)
    def test_p18_an_admin_sees_usage(admin, server, route):
        answer = get(admin, server, route)
        assert answer.status_code == 200
        assert "minutes" in answer.text

    @pytest.mark.parametrize("route", ROUTES)
    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer no.valid.login"}], ids=["none", "invalid"])
    def test_p18_nobody_sees_usage_without_a_login(server, usage_shown, route, headers):
        answer = get(requests, server, route, **headers)
        assert answer.status_code == (401 if AIRFLOW == 3 else 302)
        assert "minutes" not in answer.text
        if AIRFLOW == 2:
            assert "/login/" in answer.headers["Location"]
        else:
            assert "Log in to Airflow again, then reload this page." in answer.text
            assert "No right to see usage" not in answer.text

    @pytest.mark.parametrize("route", ROUTES)
    def test_p18_a_viewer_is_refused_by_each_route(viewer, server, route):
        answer = get(viewer, server, route)
        assert answer.status_code == (403 if AIRFLOW == 3 else 302)
        assert "minutes" not in answer.text
        assert ("No right to see usage" in answer.text) == (AIRFLOW == 3)

    @pytest.mark.filterwarnings("ignore:Using `httpx`")  # of what Airflow imports
    def test_p18_there_are_no_other_routes():
        if AIRFLOW == 3:
            from datacoves_usage_provider.page.airflow_3 import make_app

            routes = {route.path for route in make_app().routes}
            assert routes == {"/", "/dag/{dag_id}"}
        else:
            from datacoves_usage_provider.page.airflow_2 import UsageView

            found = [getattr(value, "_urls", []) for value in vars(UsageView).values()]
            assert {url for urls in found for url, _ in urls} == {"/", "/dag/<dag_id>"}

    def test_the_menu_has_usage(admin, server):
        if AIRFLOW == 2:
            assert 'href="/datacoves_usage/"' in get(admin, server, "/home").text
            return
        answer = get(admin, server, "/api/v2/plugins")
        assert answer.status_code == 200
        (ours,) = [plugin for plugin in answer.json()["plugins"] if plugin["name"] == "datacoves_usage"]
        assert "datacoves_usage/" in str(ours["external_views"])

else:

    def test_an_airflow_that_has_no_place_for_the_page_starts_without_it(server, usage_shown):
        assert "minutes" not in get(requests, server, "/datacoves_usage/").text
