"""Adverity: what the server silently does not cover is neither deleted nor logged, and a warning tells."""

from __future__ import annotations

from datetime import date

import pytest

from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator.adverity_rows import Rows
from datacoves_usage_provider.window import ONE_DAY
from tests.contract.cases import EMEA, MARKETING, find_case
from tests.contract.truth import days, read_daily, read_logged_days, read_truth

YESTERDAY = date(2026, 3, 14)
DAY_BEFORE = YESTERDAY - ONE_DAY
NOWHERE = "00000000-0000-4000-8000-000000000000"
STREAM = MARKETING.datastream_ids[0]
LOG = "SELECT sub_account_id, resource_id, x_records FROM usage_load_log ORDER BY 1, 2, 3"


@pytest.fixture
def case():
    return find_case("adverity")


def held(case, api, first: date, **filters: tuple[str, ...]):
    """From ``first`` to yesterday."""
    return read_truth(case, api, UsageQuery(days(first, (YESTERDAY - first).days + 1), filters))


@pytest.mark.usefixtures("noon")
def test_yesterday_is_not_covered_before_the_server_has_it(case, api, collect, warehouse, printed):
    api.yesterday_late = True
    result = collect(run_after="2026-03-15T01:00", lookback_days=1)
    assert result["window"] == {"start": "2026-03-14", "end": "2026-03-15"}
    assert (result["totals"], result["loaded"]["days"]) == ([], 1)
    assert read_logged_days(warehouse) == [str(DAY_BEFORE)]
    assert any("Adverity does not cover 2026-03-14 yet" in line for line in printed())
    api.yesterday_late = False
    result = collect(run_after="2026-03-15T09:00", catch_up_days=2)
    assert result["loaded"]["days"] == 2  # the 12th, which was never loaded, and yesterday
    assert read_logged_days(warehouse) == ["2026-03-12", "2026-03-13", "2026-03-14"]
    assert read_daily(warehouse) == held(case, api, date(2026, 3, 12))
    assert not any("does not cover" in line for line in printed())


@pytest.mark.usefixtures("noon")
def test_a_later_run_catches_up_with_the_day_that_was_not_covered(case, api, collect, sqlite_warehouse, mocker):
    api.yesterday_late = True
    collect(run_after="2026-03-14T09:00", catch_up_days=1)  # of the 13th
    collect(run_after="2026-03-15T01:00", catch_up_days=2)  # of the 14th, in vain
    assert read_logged_days(sqlite_warehouse) == ["2026-03-12", "2026-03-13"]
    api.yesterday_late = False
    result = collect(run_after="2026-03-14T09:00", start="2026-03-14", end="2026-03-15")
    assert (result["loaded"]["days"], result["loaded"]["removed"]) == (1, 0)
    assert read_daily(sqlite_warehouse) == held(case, api, date(2026, 3, 12))


@pytest.mark.usefixtures("noon")
def test_rows_of_yesterday_stay_where_the_server_has_lost_them(case, api, collect, sqlite_warehouse):
    collect(run_after="2026-03-15T01:00")
    before = read_daily(sqlite_warehouse)
    api.yesterday_late = True
    assert collect(run_after="2026-03-15T02:00")["loaded"]["removed"] == 0
    assert read_daily(sqlite_warehouse) == before == held(case, api, YESTERDAY) != {}
    assert read_logged_days(sqlite_warehouse) == [str(YESTERDAY)]


@pytest.mark.usefixtures("noon")
def test_an_earlier_day_without_rows_is_covered(case, api, collect, sqlite_warehouse):
    collect(start=str(DAY_BEFORE), end=str(YESTERDAY))
    for workspace in api.workspaces:
        for stream in (None, *workspace.datastream_ids):
            api.restate(workspace.id, stream, DAY_BEFORE, None)
    assert collect(start=str(DAY_BEFORE), end=str(YESTERDAY))["loaded"]["removed"] > 0
    assert read_daily(sqlite_warehouse) == {}
    assert len(read_logged_days(sqlite_warehouse)) == 2


@pytest.mark.usefixtures("noon")
def test_the_day_is_covered_by_one_item_of_what_was_asked(case, api, collect, sqlite_warehouse):
    """Another datastream's item of yesterday tells nothing of this one."""
    api.restate(MARKETING.id, STREAM, YESTERDAY, None)
    collect(run_after="2026-03-15T01:00", filters={"datastream_id": STREAM})
    assert read_logged_days(sqlite_warehouse) == []
    api.restate(MARKETING.id, STREAM, YESTERDAY, Rows(0, 0))
    collect(run_after="2026-03-15T01:00", filters={"datastream_id": STREAM})
    assert read_logged_days(sqlite_warehouse) == [str(YESTERDAY)]


@pytest.mark.parametrize("unknown_is_unfiltered", [False, True])
@pytest.mark.parametrize("name", ["workspace_id", "datastream_id"])
def test_an_unknown_value_is_neither_loaded_nor_logged(api, collect, warehouse, printed, unknown_is_unfiltered, name):
    api.unknown_is_unfiltered = unknown_is_unfiltered
    window = {"start": "2025-03-01", "end": "2025-03-03"}
    collect(**window)
    before, logged = read_daily(warehouse), read_logged_days(warehouse)
    printed()
    result = collect(**window, filters={name: NOWHERE})
    assert result["totals"] == []
    assert (result["loaded"]["records"], result["loaded"]["removed"]) == (0, 0)
    assert (read_daily(warehouse), read_logged_days(warehouse)) == (before, logged)
    field = {"workspace_id": "sub_account_id", "datastream_id": "resource_id"}[name]
    (warning,) = [line for line in printed() if NOWHERE in line]
    assert f"has no usage of {field} {NOWHERE}" in warning
    assert collect(**window, filters={name: NOWHERE}, sql_conn_id=None)["totals"] == []
    assert any(NOWHERE in line for line in printed())


@pytest.mark.parametrize("unknown_is_unfiltered", [False, True])
def test_an_unknown_value_beside_a_known_one_is_left_out(case, api, collect, warehouse, unknown_is_unfiltered):
    api.unknown_is_unfiltered = unknown_is_unfiltered
    filters = {"workspace_id": (NOWHERE, MARKETING.id), "datastream_id": (STREAM,)}
    api.restate(MARKETING.id, STREAM, date(2025, 3, 1), Rows(1, 2))
    collect(start="2025-03-01", end="2025-03-02", filters=filters)
    asked = UsageQuery(days(date(2025, 3, 1), 1), {"workspace_id": (MARKETING.id,), "datastream_id": (STREAM,)})
    assert read_daily(warehouse) == read_truth(case, api, asked) != {}
    assert warehouse.query(LOG) == [(MARKETING.id, STREAM, 2)]


def test_a_value_is_known_if_any_day_has_it(api, collect, warehouse, printed):
    api.restate(MARKETING.id, STREAM, date(2025, 3, 1), Rows(1, 2))
    api.restate(MARKETING.id, STREAM, date(2025, 3, 2), None)
    filters = {"datastream_id": STREAM}
    collect(start="2025-03-01", end="2025-03-02", filters=filters)
    collect(start="2025-03-02", end="2025-03-03", filters=filters)
    assert read_logged_days(warehouse) == ["2025-03-01", "2025-03-02"]
    assert not any("ignores ids" in line for line in printed())


def test_a_value_whose_only_rows_vanish_was_known(api, collect, warehouse, printed):
    api.restate(MARKETING.id, STREAM, date(2025, 3, 1), Rows(1, 2))
    arguments = {"start": "2025-03-01", "end": "2025-03-02", "filters": {"datastream_id": STREAM}}
    collect(**arguments)
    api.restate(MARKETING.id, STREAM, date(2025, 3, 1), None)
    assert collect(**arguments)["loaded"]["removed"] == 2
    assert read_daily(warehouse) == {}
    assert [row[2] for row in warehouse.query(LOG)] == [0, 2]
    assert not any("ignores ids" in line for line in printed())


def test_what_another_account_knows_does_not_make_a_value_known(api, collect, set_conn, sqlite_warehouse, printed):
    api.restate(MARKETING.id, STREAM, date(2025, 3, 1), Rows(1, 2))
    api.restate(MARKETING.id, STREAM, date(2025, 3, 2), None)
    collect(start="2025-03-01", end="2025-03-02")
    set_conn(billing_account_id="another")
    collect(start="2025-03-02", end="2025-03-03", filters={"datastream_id": STREAM})
    assert read_logged_days(sqlite_warehouse) == ["2025-03-01"]
    assert any("account 'another' has no usage of resource_id" in line for line in printed())


def test_a_workspace_that_vanished_is_told(api, collect, sqlite_warehouse, printed):
    window = {"start": "2025-03-01", "end": "2025-03-03"}
    collect(**window)
    api.workspaces = api.workspaces[:1]
    collect(**window)
    assert [EMEA.id in line for line in printed() if "has no usage any more" in line] == [True, False]
