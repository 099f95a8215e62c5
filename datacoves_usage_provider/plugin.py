"""
The plugin of Airflow's web interfaces: the usage page.

Airflow imports this file in many processes, so it loads nothing; the page is built where a web server asks for it.
"""

from __future__ import annotations

import logging
from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from datacoves_usage_provider.compat import has_usage_page, is_airflow_3

URL_PREFIX = "/datacoves_usage"
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20' fill='%238795a8'%3E"
    "%3Crect x='2' y='11' width='4' height='7' rx='1'/%3E%3Crect x='8' y='6' width='4' height='12' rx='1'/%3E"
    "%3Crect x='14' y='2' width='4' height='16' rx='1'/%3E%3C/svg%3E"
)

log = logging.getLogger(__name__)


class UsagePlugin(AirflowPlugin):
    """``Usage`` in the menu. A page that cannot be built is left out with a warning: Airflow must start."""

    name = "datacoves_usage"

    if is_airflow_3():

        @cached_property
        def fastapi_apps(self) -> list[dict[str, Any]]:
            if not has_usage_page():
                return []
            try:
                from datacoves_usage_provider.page.airflow_3 import make_app

                return [{"name": "Usage", "url_prefix": URL_PREFIX, "app": make_app()}]
            except Exception:  # whatever it is, the API server must start
                log.warning("The usage page is left out, as it cannot be built.", exc_info=True)
                return []

        @cached_property
        def external_views(self) -> list[dict[str, Any]]:
            if not has_usage_page():
                return []
            try:
                return _make_views()
            except Exception:  # such as an option that cannot be read; the API server must start
                log.warning("The usage page is left out of the menu, as its options cannot be read.", exc_info=True)
                return []

    else:

        @cached_property
        def appbuilder_views(self) -> list[dict[str, Any]]:
            try:
                from datacoves_usage_provider.page.airflow_2 import UsageView

                return [{"name": "Usage", "view": UsageView()}]
            except Exception:  # whatever it is, the webserver must start
                log.warning("The usage page is left out, as it cannot be built.", exc_info=True)
                return []


def _make_views() -> list[dict[str, Any]]:
    from datacoves_usage_provider.page.settings import read_settings

    page = {
        "name": "Usage",
        "href": f"{URL_PREFIX[1:]}/",  # relative, so that it is below any prefix of the server
        "url_route": "datacoves_usage",
        "destination": "nav",
        "nav_top_level": True,
        "icon": _ICON,
    }
    if read_settings().sub_account_id is None:
        return [page]
    href = f"{URL_PREFIX[1:]}/dag/{{DAG_ID}}?tab=1"
    return [page, {"name": "Usage", "href": href, "url_route": "datacoves_usage_dag", "destination": "dag"}]
