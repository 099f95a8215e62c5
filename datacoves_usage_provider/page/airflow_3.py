"""The page on Airflow 3: an app below the API server, shown in a frame."""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.core_api.security import requires_access_connection
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse

from datacoves_usage_provider.page.content import NO_RIGHT, NOT_LOGGED_IN, PageContent, show_dag, show_usage
from datacoves_usage_provider.report.html import render_document, render_message

_REFUSALS = {401: NOT_LOGGED_IN, 403: NO_RIGHT}
_INVALID_LOGIN = "Invalid JWT token"
"""What Airflow says with status 403 of a login that is not an expired one, such as before its secret was changed."""
_HEADERS = {"Cache-Control": "no-store", "Content-Security-Policy": "frame-ancestors 'self'"}


def make_app() -> FastAPI:
    """Return the app. Its dependency guards each route; the routes run in threads, so none blocks the server."""
    app = FastAPI(
        title="Usage",
        dependencies=[Depends(requires_access_connection("GET"))],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.add_api_route("/", _show_usage, response_class=HTMLResponse)
    app.add_api_route("/dag/{dag_id}", _show_dag, response_class=HTMLResponse)
    app.add_exception_handler(HTTPException, _explain)
    return app


def _show_usage(request: Request) -> HTMLResponse:
    return _respond("Usage", show_usage(request.query_params))


def _show_dag(dag_id: str, request: Request) -> HTMLResponse:
    is_tab = request.query_params.get("tab") == "1"
    return _respond(f"Usage of {dag_id}", show_dag(dag_id, request.query_params, None if is_tab else "../"))


def _explain(_: Request, error: Any) -> HTMLResponse:
    """Say in a sentence what a person would otherwise read as JSON."""
    status = 401 if error.detail == _INVALID_LOGIN else error.status_code
    content = _REFUSALS.get(status) or render_message("Usage cannot be shown", str(error.detail))
    return _respond("Usage", PageContent(status, content))


def _respond(title: str, content: PageContent) -> HTMLResponse:
    return HTMLResponse(render_document(title, content.html), content.status, _HEADERS)
