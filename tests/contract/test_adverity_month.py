"""Adverity's own figures of a month: unique rows of days do not add up to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.exceptions import UsageConfigError, UsageDataError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.simulator.adverity_usage import Rows
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import ONE_DAY, UsageWindow
from tests.contract.cases import EMEA, MARKETING, find_case
from tests.support.truth import loaded, make_totals, truth

FEBRUARY = UsageWindow(date(2026, 2, 1), date(2026, 3, 1))
MONTH = {"run_after": "2026-03-03T04:00", "period": "month"}
KEPT = "SELECT sub_account_id, resource_id, sku_meter, billing_period_start, consumed_quantity FROM usage_vendor_month"
NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def case():
    return find_case("adverity")


@pytest.fixture(params=[False, True], ids=["requested months", "whole months"])
def either_way(request, api, noon):
    api.whole_months = request.param


def read_february(hook):
    with hook.open_reader() as reader:
        return reader.read_month(UsageQuery(FEBRUARY))


def figures(api, month: UsageWindow = FEBRUARY) -> dict[tuple[str, str, str, str], Decimal]:
    """What the vendor says, by (workspace, datastream, meter, month)."""
    found = {}
    for workspace in api.workspaces:
        for stream in (None, *workspace.datastream_ids):
            rows = api.monthly_rows(workspace.id, stream, month.start, month.end)
            for meter, number in zip(("Unique Rows", "Total Rows"), rows or (), strict=False):
                found[workspace.id, stream or "", meter, str(month.start)] = Decimal(number)
    return found


def kept(warehouse) -> dict[tuple[str, str, str, str], Decimal]:
    rows = warehouse.query(KEPT)
    found = {(*ids, str(month)): Decimal(str(quantity)) for *ids, month, quantity in rows}
    assert len(found) == len(rows)
    return found


def unique_total(result, workspace: str) -> int:
    (total,) = [t for t in result["totals"] if (t["sku_meter"], t["sub_account_id"]) == ("Unique Rows", workspace)]
    return total["consumed_quantity"]


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("end_inclusive", [False, True])
def test_a_months_totals_have_the_vendors_unique_rows(api, collect, warehouse, printed, end_inclusive):
    api.end_inclusive = end_inclusive
    result = collect(**MONTH)
    rows = sum(unique_total(result, workspace.id) for workspace in api.workspaces)
    assert f"; {rows:,} Unique Rows (Marketing " in printed()[-1]
    held = truth(api, UsageQuery(FEBRUARY))
    assert kept(warehouse) == figures(api)
    assert loaded(warehouse) == held
    assert [t for t in result["totals"] if t["sku_meter"] == "Total Rows"] == make_totals(held)
    for workspace in api.workspaces:
        own = sum(n for key, n in figures(api).items() if key[0] == workspace.id and key[2] == "Unique Rows")
        days = sum(a.quantity for k, a in held.items() if k.sub_account == workspace.id and k.meter == "Unique Rows")
        assert unique_total(result, workspace.id) == own < days
    assert result["totals"] == sorted(result["totals"], key=lambda t: (t["sub_account_id"], t["sku_meter"]))


@pytest.mark.usefixtures("either_way")
def test_a_dry_run_has_them_too(api, collect, sqlite_warehouse):
    assert collect(**MONTH, sql_conn_id=None)["totals"] == collect(**MONTH)["totals"]


@pytest.mark.usefixtures("noon")
def test_explicit_days_that_are_a_month_do_not_have_them(simulator, collect, sqlite_warehouse):
    result = collect(start="2026-02-01", end="2026-03-01", period="month")
    assert {total["sku_meter"] for total in result["totals"]} == {"Total Rows"}
    assert kept(sqlite_warehouse) == {}
    assert {request.query["granularity"] for request in simulator.requests} == {"daily"}


@pytest.mark.usefixtures("noon")
def test_a_day_does_not_have_them(simulator, collect, sqlite_warehouse):
    collect(run_after="2026-03-01T04:00")
    assert {request.query["granularity"] for request in simulator.requests} == {"daily"}


def test_a_month_that_is_not_covered_whole_does_not_have_them(api, simulator, collect, sqlite_warehouse, noon, mocker):
    early = noon.replace(day=1, hour=1)
    api.now, api.yesterday_late = lambda: early, True
    mocker.patch("datacoves_usage_provider.api.reader.datetime", **{"now.return_value": early})
    result = collect(**MONTH)
    assert result["loaded"]["days"] == 27
    assert {total["sku_meter"] for total in result["totals"]} == {"Total Rows"}
    assert kept(sqlite_warehouse) == {}
    assert {request.query["granularity"] for request in simulator.requests} == {"daily"}
    api.yesterday_late = False
    collect(**MONTH)
    assert kept(sqlite_warehouse) == figures(api) != {}


@pytest.mark.usefixtures("either_way")
def test_a_months_figures_are_replaced_whole(api, collect, warehouse):
    collect(**MONTH)
    january = UsageWindow(date(2026, 1, 1), FEBRUARY.start)
    collect(run_after="2026-02-03", period="month")
    before = figures(api) | figures(api, january)
    assert kept(warehouse) == before
    for day in FEBRUARY.days:
        api.restate(MARKETING.id, MARKETING.datastream_ids[0], day, None)
        api.restate(EMEA.id, EMEA.datastream_ids[0], day, Rows(1, 2))
    collect(**MONTH)
    assert kept(warehouse) == figures(api) | figures(api, january) != before


@pytest.mark.usefixtures("either_way")
def test_a_filtered_month_replaces_its_cells_alone(api, collect, warehouse):
    collect(**MONTH)
    before = figures(api)
    for workspace in (MARKETING, EMEA):
        for day in FEBRUARY.days:
            api.restate(workspace.id, workspace.datastream_ids[0], day, None)
    result = collect(**MONTH, filters={"workspace_id": EMEA.id})
    assert {total["sub_account_id"] for total in result["totals"]} == {EMEA.id}
    others = {key: number for key, number in before.items() if key[0] != EMEA.id}
    assert kept(warehouse) == others | {key: number for key, number in figures(api).items() if key[0] == EMEA.id}


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("unknown_is_unfiltered", [False, True])
def test_a_month_of_an_unknown_workspace_loads_nothing(api, collect, sqlite_warehouse, unknown_is_unfiltered):
    collect(**MONTH)
    api.unknown_is_unfiltered = unknown_is_unfiltered
    assert collect(**MONTH, filters={"workspace_id": NOWHERE})["totals"] == []
    assert kept(sqlite_warehouse) == figures(api)


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize("column", ["service_provider_name", "billing_account_id"])
def test_months_of_other_accounts_are_untouched(api, collect, sqlite_warehouse, column):
    collect(**MONTH)
    sqlite_warehouse.query(f"UPDATE usage_vendor_month SET {column} = 'another'")
    collect(**MONTH)
    collect(**MONTH)
    counts = sqlite_warehouse.query(f"SELECT {column} = 'another', count(*) FROM usage_vendor_month GROUP BY 1")
    assert sorted(counts) == [(0, len(figures(api))), (1, len(figures(api)))]
    assert sqlite_warehouse.query("SELECT DISTINCT x_conn_id, x_run_id FROM usage_vendor_month") == [
        ("adverity_default", "a_run")
    ]


@pytest.mark.usefixtures("noon")
def test_a_month_by_itself_is_loaded_through_the_accounts_connection_alone(api, hook, warehouse):
    target = Warehouse.connect(warehouse.conn_id, None)
    target.prepare()
    month = read_february(hook)
    target.load_month(month, Provenance("one", "a_dag", "a_run"))
    with pytest.raises(UsageConfigError, match="'one', not through 'two'"):
        target.load_month(replace(month, records=()), Provenance("two", "a_dag", "a_run"))
    assert kept(warehouse) == figures(api)


@pytest.mark.usefixtures("noon")
def test_the_days_stay_where_the_month_fails(api, simulator, collect, sqlite_warehouse):
    simulator.faults.extend([None] * 3 + [faults.Html()])
    with pytest.raises(AirflowFailException, match="HTML page"):
        collect(**MONTH)
    assert kept(sqlite_warehouse) == {}
    assert loaded(sqlite_warehouse) == truth(api, UsageQuery(FEBRUARY))


@pytest.mark.usefixtures("noon")
def test_a_monthly_figure_must_be_dated_the_first_day_of_its_month(simulator, hook):
    def change(body):
        body["items"][0]["date"] = str(FEBRUARY.start + ONE_DAY)
        return body

    simulator.faults.append(faults.Edit(change))
    with pytest.raises(UsageDataError, match="^Connection 'adverity_default': .* must be dated the first day"):
        read_february(hook)


@pytest.mark.usefixtures("noon")
def test_a_month_of_more_than_one_page_is_read_whole(api, hook):
    streams = tuple(f"stream-{number:03}" for number in range(120))
    api.workspaces = (type(MARKETING)(MARKETING.id, MARKETING.name, streams),)
    month = read_february(hook)
    found = {
        (r.sub_account_id, r.resource_id, r.sku_meter, str(month.month)): r.consumed_quantity for r in month.records
    }
    assert found == figures(api)
    assert len(found) > 200


def test_p14_the_vendors_figures_have_one_line_in_the_log(api, collect, sqlite_warehouse, printed):
    collect(**MONTH)
    line = f": {len(figures(api))} monthly figures of the vendor's own for 2026-02."
    assert len([said for said in printed() if line in said]) == 1
