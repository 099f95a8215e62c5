"""What each API's page says of meters, filters and requests is what happens."""

from __future__ import annotations

import ast
from datetime import date

import pytest

from datacoves_usage_provider.api.datacoves_billing import DatacovesBillingApi
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.window import UsageWindow
from tests.docs.markdown import ROOT, code_in, find_block_after, read, read_table
from tests.docs.vendor_pages import PAGES, make_hook

A_MONTH = UsageWindow(date(2026, 10, 1), date(2026, 11, 1))


def read_filters(page: str) -> dict[str, list[str]]:
    """Return the filters in the page's example."""
    filters: dict[str, list[str]] = ast.literal_eval(find_block_after("filters", page).partition("=")[2].strip())
    return filters


@pytest.mark.parametrize("conn_type", PAGES)
def test_the_meters_are_those_that_are_loaded(conn_type, set_conns):
    records = list(make_hook(conn_type).get_usage(UsageQuery(A_MONTH)))
    loaded = {(record.sku_meter, record.consumed_unit, record.service_name) for record in records}
    documented = {
        (meter, unit, service)
        for row in read_table("meter", page=PAGES[conn_type])
        for meter, unit in [(row[0].strip("`"), row[1].strip("`"))]
        for service in code_in(row[2])
    }
    assert documented == loaded
    resources = {row[4] for row in read_table("meter", page=PAGES[conn_type])}
    assert any(record.resource_id for record in records) == (resources != {"none"})


@pytest.mark.parametrize("conn_type", PAGES)
def test_the_filters_are_those_of_the_hook(conn_type):
    page, filters = PAGES[conn_type], make_hook(conn_type).api.filter_dimensions
    if filters:
        assert list(read_filters(page)) == list(filters)
    else:
        assert "\n## Filters\n\nNone" in read(page)


@pytest.mark.parametrize(
    ("conn_type", "said"),
    [
        ("datacoves_billing", "two requests for each {days} days"),
        ("webcrawlerapi", "One request for each {days} days."),
        ("b3os", "One request for each day, {at_once} at a time"),
    ],
)
def test_the_number_of_requests_is_that_of_a_load(conn_type, said, set_conns):
    hook = make_hook(conn_type)
    (chunk,) = hook.read(UsageQuery(A_MONTH))
    text = said.format(days=hook.api.max_days, at_once={4: "four"}.get(hook.api.concurrency))
    assert text in " ".join(read(PAGES[conn_type]).split())
    assert chunk.requests == {"datacoves_billing": 2, "webcrawlerapi": 1, "b3os": 31}[conn_type]


def test_the_services_are_those_that_datacoves_documents():
    documented = read_filters(PAGES["datacoves_billing"])["service"]
    assert tuple(documented) == DatacovesBillingApi.documented_values["service"]


def test_the_dag_of_adveritys_months_is_that_of_the_demo():
    dag = (ROOT / "demo" / "dags" / "adverity_usage_monthly.py").read_text()
    assert find_block_after("month:start", PAGES["adverity"]) == dag
