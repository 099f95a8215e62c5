"""What the page shows: HTML for whatever the warehouse says, also where it says nothing. It knows no web server."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import NamedTuple

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.exceptions import UsageConfigError, UsageError
from datacoves_usage_provider.page.settings import PageSettings, read_settings
from datacoves_usage_provider.report import html
from datacoves_usage_provider.report.dag import DagSummary
from datacoves_usage_provider.report.dag_reading import read_dag
from datacoves_usage_provider.report.period import make_page_period
from datacoves_usage_provider.report.reading import read_usage
from datacoves_usage_provider.text import shorten
from datacoves_usage_provider.warehouse.reader import WarehouseReader

DEFAULT_DAYS = 31

log = logging.getLogger(__name__)


class PageContent(NamedTuple):
    """``html`` is without the document around it."""

    status: int
    html: str


NO_RIGHT = html.render_message(
    "No right to see usage",
    "Usage is shown to users who may read connections (Airflow's role Op, or Admin).",
    "Ask your administrator for the right to read connections; on Airflow 2, can read on Usage is enough.",
)


NOT_LOGGED_IN = html.render_message("Not logged in", "Log in to Airflow again, then reload this page.")


def show_usage(query: Mapping[str, str]) -> PageContent:
    """Return the usage page; ``query`` may have ``days`` (7, 31 or 92), and ``provider`` and ``account`` of one."""
    return _explain_errors(lambda settings: _show_usage(settings, query))


def show_dag(dag_id: str, query: Mapping[str, str], link_back: str | None = None) -> PageContent:
    """Return the page of one DAG; ``query`` may have ``days``, and ``provider``, ``account`` and ``environment``."""
    return _explain_errors(lambda settings: _show_dag(settings, dag_id, query, link_back))


def _explain_errors(show: Callable[[PageSettings], PageContent]) -> PageContent:
    try:
        return show(read_settings())
    except UsageConfigError as error:
        log.warning("The usage page cannot be shown: %s", error)
        option = "The warehouse is the connection that the option sql_conn_id of [datacoves_usage] names."
        return PageContent(500, html.render_message("Usage cannot be shown", str(error), option))
    except UsageError as error:
        log.warning("The usage page cannot be shown for now: %s", error)
        return PageContent(503, html.render_message("Usage cannot be shown for now", str(error)))


def _show_usage(settings: PageSettings, query: Mapping[str, str]) -> PageContent:
    days = _read_days(query)
    period = make_page_period(datetime.now(timezone.utc).date(), days)
    account = _read_account(query)
    readings = read_usage(WarehouseReader.connect(settings.sql_conn_id, settings.schema), period, account)
    if readings is None:
        return PageContent(200, _say_nothing_yet(settings))
    return PageContent(200, html.render_content(readings, period, html.Links(days, account)))


def _say_nothing_yet(settings: PageSettings) -> str:
    place = f"connection {settings.sql_conn_id!r}" + (f", schema {settings.schema!r}" if settings.schema else "")
    return html.render_message(
        "Nothing was collected yet",
        f"The warehouse ({place}) does not have the usage tables.",
        "Run a DAG that collects usage, such as datacoves_usage_daily; its first run creates them. For earlier days, "
        "run usage_backfill: 180 days are enough for a forecast with its range.",
        "If usage is collected elsewhere, set sql_conn_id and schema in the section [datacoves_usage] of Airflow's "
        "configuration.",
    )


def _show_dag(settings: PageSettings, dag_id: str, query: Mapping[str, str], link_back: str | None) -> PageContent:
    window = make_page_period(datetime.now(timezone.utc).date(), _read_days(query)).shown
    reader = WarehouseReader.connect(settings.sql_conn_id, settings.schema)
    environment = query.get("environment") or settings.sub_account_id
    found = read_dag(reader, dag_id, window, environment, _read_account(query))
    if found is None:
        return PageContent(200, _say_no_allocation(environment, dag_id))
    return PageContent(200, html.render_dag(DagSummary(found, window), link_back))


def _say_no_allocation(environment: str | None, dag_id: str) -> str:
    where = f" in environment '{shorten(environment)}'" if environment else ""
    return html.render_message(
        "No usage of this DAG",
        f"No minutes are allocated to the DAG '{shorten(dag_id)}'{where} in the last weeks.",
        "The DAG usage_allocation_daily splits the minutes of an environment over its DAGs. Its first run goes back 31 "
        "days.",
    )


def _read_days(query: Mapping[str, str]) -> int:
    return next((days for days in html.PERIODS if query.get("days") == str(days)), DEFAULT_DAYS)


def _read_account(query: Mapping[str, str]) -> BillingAccount | None:
    return BillingAccount(query["provider"], query["account"]) if {"provider", "account"} <= query.keys() else None
