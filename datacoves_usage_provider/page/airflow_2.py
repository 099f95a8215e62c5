"""The page on Airflow 2: a view of Flask-AppBuilder inside Airflow's own frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from airflow.www.extensions.init_auth_manager import get_auth_manager
from flask import Response, flash, make_response, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from markupsafe import Markup

from datacoves_usage_provider.page.content import PageContent, show_dag, show_usage
from datacoves_usage_provider.report.html import render_script, render_style

_RESOURCE = "Usage"
_DENIED = (
    "No right to see usage: it is shown to users who may read connections, or have the permission 'can read on Usage'."
)


class UsageView(BaseView):
    """Starting the webserver makes the permissions ``can read`` and ``menu access`` on ``Usage`` for it."""

    route_base = "/datacoves_usage"
    default_view = "show_usage"
    class_permission_name = _RESOURCE
    # Without the second, each start would take it from all roles: Flask-AppBuilder removes what is not listed here.
    base_permissions: ClassVar = ["can_read", "menu_access"]
    template_folder = str(Path(__file__).parent / "templates")

    @expose("/")
    def show_usage(self) -> Any:
        return self._guard("Usage", lambda: show_usage(request.args))

    @expose("/dag/<dag_id>")
    def show_dag(self, dag_id: str) -> Any:
        return self._guard(f"Usage of {dag_id}", lambda: show_dag(dag_id, request.args, "../"))

    def _guard(self, title: str, show: Callable[[], PageContent]) -> Any:
        manager = get_auth_manager()
        if not manager.is_logged_in():
            return redirect(manager.get_url_login(next_url=request.url))
        if not _may_see(manager):
            flash(_DENIED, "danger")
            return redirect(url_for("Airflow.index"))
        return self._respond(title, show())

    def _respond(self, title: str, content: PageContent) -> Response:
        page = self.render_template(
            "datacoves_usage.html",
            title=title,
            usage=Markup(content.html),  # noqa: S704 - our own HTML, in which all that others named is escaped
            style=Markup(render_style()),  # noqa: S704 - our own
            script=Markup(render_script()),  # noqa: S704 - our own
        )
        response = make_response(page, content.status)
        response.headers["Cache-Control"] = "no-store"
        return response


def _may_see(manager: Any) -> bool:
    return bool(
        manager.is_authorized_connection(method="GET")
        or manager.is_authorized_custom_view(method="can_read", resource_name=_RESOURCE)
    )
