"""The APIs that keep the contract: one row of ``CASES`` each, and a row is all that a new API needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from datacoves_usage_provider.simulator import Adverity, B3os, DatacovesBilling, WebCrawlerApi
from datacoves_usage_provider.simulator.adverity_usage import WORKSPACES, Rows
from datacoves_usage_provider.simulator.datacoves import DATE_STYLES
from datacoves_usage_provider.simulator.datacoves_usage import SERVICES
from tests.contract.wrong_responses import Field, Json, retotal_crawler
from tests.support.usage import Amount, Day, Key, minutes_of

BOTH = (False, True)
MARKETING, EMEA, _ = WORKSPACES

Filters = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class ContractCase:
    """
    One API as the contract's tests see it.

    ``truth`` is what the API itself says that it holds of a day. ``restate`` changes a day that is over, so that rows
    of it change and, where the API can, appear and vanish. ``switches`` are the values of all that its documents leave
    open. ``get_rows`` finds the rows in a response; ``row_fields`` are the fields of them that the API reads, and
    ``retotal`` makes the response's own totals right again. ``words_of_404``: what is said of status 404. ``filters``
    are some filters, and ``filter_fields`` says which field of a ``Key`` each of them narrows. XCom has the totals of
    ``decimal_meters`` as text, and none of ``meters_without_total``.
    """

    conn_type: str
    make_api: Callable[[], Any]
    truth: Callable[[Any, date], Day]
    restate: Callable[[Any, date], None]
    switches: Mapping[str, tuple[Any, ...]]
    get_rows: Callable[[Any], list[dict[str, Any]]]
    row_fields: Mapping[str, Field]
    words_of_404: str
    filters: tuple[Filters, ...] = ()
    filter_fields: Mapping[str, str] = field(default_factory=dict)
    decimal_meters: tuple[str, ...] = ()
    meters_without_total: tuple[str, ...] = ()
    retotal: Callable[[Json], Json] = lambda body: body
    adds_up_repeated_rows: bool = False

    def __str__(self) -> str:
        return self.conn_type

    @property
    def conn_id(self) -> str:
        return f"{self.conn_type}_default"


def _hold_datacoves(api: DatacovesBilling, day: date) -> Day:
    for environment in api.environments:
        for service in SERVICES:
            minutes = api.minutes(environment, service, day)
            if minutes is not None:
                yield minutes_of(environment, service, day), Amount(Decimal(minutes), "Minutes")


def _restate_datacoves(api: DatacovesBilling, day: date) -> None:
    for environment in api.environments:
        api.restate(environment, "airflow", day, 12345)
        api.restate(environment, "airbyte", day, None if api.minutes(environment, "airbyte", day) else 7)


def _hold_adverity(api: Adverity, day: date) -> Day:
    for workspace in api.workspaces:
        for datastream in (None, *workspace.datastream_ids):
            rows = api.rows(workspace.id, datastream, day)
            if rows is not None:
                key = Key(workspace.id, "Datastreams", datastream or "", "Unique Rows", day)
                yield key, Amount(Decimal(rows.unique), "Rows")
                yield key._replace(meter="Total Rows"), Amount(Decimal(rows.total), "Rows")


def _restate_adverity(api: Adverity, day: date) -> None:
    for workspace in api.workspaces:
        api.restate(workspace.id, workspace.datastream_ids[0], day, Rows(4, 12345))
        none = api.rows(workspace.id, None, day)
        api.restate(workspace.id, None, day, None if none else Rows(0, 7))


def _hold_webcrawlerapi(api: WebCrawlerApi, day: date) -> Day:
    key = Key(api.org_id, "Crawler", "", "Requests", day)
    yield key, Amount(Decimal(api.usage(day).requests), "Requests", api.cost(day), "USD")


def _restate_webcrawlerapi(api: WebCrawlerApi, day: date) -> None:
    """Failed items are refunded."""
    api.restate(day, api.usage(day).requests, api.usage(day).credits // 3)


def _hold_b3os(api: B3os, day: date) -> Day:
    for workflow in api.workflows:
        usage = api.usage(workflow.id, day)
        if usage.runs or api.idle_workflows:
            key = Key(api.organization_id, "Workflows", workflow.id, "Compute Units", day)
            yield key, Amount(usage.compute_units, "Compute Units")
            yield key._replace(meter="Runs"), Amount(Decimal(usage.runs), "Runs")


def _restate_b3os(api: B3os, day: date) -> None:
    for workflow in api.workflows[:3]:
        runs = api.usage(workflow.id, day).runs
        api.restate(workflow.id, day, *(() if runs else (Decimal("0.000001"), Decimal("3.25"))))
    for workflow in api.workflows[3:]:
        api.restate(workflow.id, day, Decimal("0.3"), Decimal("0.000001"))


CASES = (
    ContractCase(
        conn_type="datacoves_billing",
        make_api=DatacovesBilling,
        truth=_hold_datacoves,
        restate=_restate_datacoves,
        switches={
            "end_inclusive": BOTH,
            "equal_dates": BOTH,
            "limit_counts_days": BOTH,
            "unknown_in_unfiltered": BOTH,
            "older_defaults": BOTH,
            "date_style": DATE_STYLES,
            "rows_per_day": (1, 3),
        },
        filters=(
            {"service": ("airflow",)},
            {"service": ("unknown",)},
            {"service": ("airbyte", "unknown")},
            {"environment_slug": ("abc123",)},
            {"environment_slug": ("abc123", "my-env"), "service": ("airflow", "airbyte")},
        ),
        filter_fields={"environment_slug": "sub_account", "service": "service"},
        get_rows=lambda body: body,
        row_fields={
            "environment_slug": Field("id", "sub_account_id"),
            "service": Field("id", "service_name"),
            "date": Field("day", "charge_period_start"),
            "amount_minutes": Field("count", "consumed_quantity"),
        },
        adds_up_repeated_rows=True,
        words_of_404="Check the URL in the connection's host field",
    ),
    ContractCase(
        conn_type="adverity",
        make_api=Adverity,
        truth=_hold_adverity,
        restate=_restate_adverity,
        switches={
            "auth_scheme": ("Token", "Bearer"),
            "end_inclusive": BOTH,
            "reject_large_pages": BOTH,
            "reject_past_end": BOTH,
            "unknown_is_unfiltered": BOTH,
            "whole_months": BOTH,
            "yesterday_late": BOTH,
        },
        filters=(
            {"workspace_id": (MARKETING.id,)},
            {"workspace_id": (MARKETING.id, EMEA.id), "datastream_id": (*EMEA.datastream_ids,)},
        ),
        filter_fields={"workspace_id": "sub_account", "datastream_id": "resource"},
        meters_without_total=("Unique Rows",),
        get_rows=lambda body: body["items"],
        row_fields={
            "date": Field("day", "charge_period_start"),
            "workspace_id": Field("id", "sub_account_id"),
            "workspace_name": Field("name", "sub_account_name"),
            "datastream_id": Field("optional id", "resource_id"),
            "unique_rows": Field("count", "consumed_quantity"),
            "total_rows": Field("count", "consumed_quantity"),
        },
        words_of_404="Check the URL in the connection's host field",
    ),
    ContractCase(
        conn_type="webcrawlerapi",
        make_api=WebCrawlerApi,
        truth=_hold_webcrawlerapi,
        restate=_restate_webcrawlerapi,
        switches={
            "end_inclusive": BOTH,
            "limit_counts_days": BOTH,
            "rounded_days": BOTH,
            "rounded_total": BOTH,
            "short_errors": BOTH,
        },
        get_rows=lambda body: body["data"],
        retotal=retotal_crawler,
        row_fields={
            "date": Field("day", "charge_period_start"),
            "cost_usd": Field("amount", "effective_cost"),
            "requests": Field("count", "consumed_quantity"),
        },
        words_of_404="not an organization admin's",
    ),
    ContractCase(
        conn_type="b3os",
        make_api=B3os,
        truth=_hold_b3os,
        restate=_restate_b3os,
        switches={
            "to_inclusive": BOTH,
            "success_style": BOTH,
            "idle_workflows": BOTH,
            "needs_org_header": BOTH,
            "errors_inside_200": BOTH,
        },
        get_rows=lambda body: body["data"]["workflows"],
        row_fields={
            "workflowId": Field("id", "resource_id"),
            "workflowName": Field("name", "resource_name"),
            "totalCu": Field("amount", "consumed_quantity"),
            "runCount": Field("count", "consumed_quantity"),
        },
        decimal_meters=("Compute Units",),
        words_of_404="There is no organization 'org_7e00c0ffee', or this key has no access to it",
    ),
)


def find_case(conn_type: str) -> ContractCase:
    return next(case for case in CASES if case.conn_type == conn_type)
