"""Adverity: what the server silently does not cover is neither deleted nor logged, and a warning says so."""

from __future__ import annotations

from datetime import date

import pytest

from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator.adverity_usage import Rows
from datacoves_usage_provider.window import ONE_DAY
from tests.contract.cases import MARKETING, find_case
from tests.support.truth import days, loaded, logged_days, truth

YESTERDAY = date(2026, 3, 14)
DAY_BEFORE = YESTERDAY - ONE_DAY
STREAM = MARKETING.datastream_ids[0]


@pytest.fixture
def case():
    return find_case("adverity")


def held(api, first: date, **filters: tuple[str, ...]):
    """From ``first`` to yesterday."""
    return truth(api, UsageQuery(days(first, (YESTERDAY - first).days + 1), filters))


@pytest.mark.usefixtures("noon")
def test_yesterday_is_not_covered_before_the_server_has_it(case, api, collect, warehouse, printed):
    api.yesterday_late = True
    result = collect(run_after="2026-03-15T01:00", lookback_days=1)
    assert result["window"] == {"start": "2026-03-14", "end": "2026-03-15"}
    assert (result["totals"], result["loaded"]["days"]) == ([], 1)
    assert logged_days(warehouse) == [str(DAY_BEFORE)]
    lines = printed()
    assert any("Adverity does not cover 2026-03-14 yet" in line for line in lines)
    assert "Adverity account 'an-account', 2026-03-14: not covered yet." in lines[-1]
    api.yesterday_late = False
    result = collect(run_after="2026-03-15T09:00", catch_up_days=2)
    assert result["loaded"]["days"] == 2  # the 12th, which was never loaded, and yesterday
    assert logged_days(warehouse) == ["2026-03-12", "2026-03-13", "2026-03-14"]
    assert loaded(warehouse) == held(api, date(2026, 3, 12))
    assert not any("does not cover" in line for line in printed())


@pytest.mark.usefixtures("noon")
def test_p14_the_last_line_says_which_day_and_which_meter_have_no_total(api, collect, sqlite_warehouse, printed):
    api.yesterday_late = True
    collect(start=str(DAY_BEFORE), end="2026-03-15")
    covered = truth(api, UsageQuery(days(DAY_BEFORE, 1)))
    rows = sum(amount.quantity for key, amount in covered.items() if key.meter == "Total Rows")
    line = printed()[-1]
    assert f"{DAY_BEFORE} to {YESTERDAY}: {rows:,} Total Rows (" in line
    assert "Without 2026-03-14, which Adverity does not cover yet. No total of Unique Rows: " in line


@pytest.mark.usefixtures("noon")
def test_a_later_run_catches_up_with_the_day_that_was_not_covered(case, api, collect, sqlite_warehouse):
    api.yesterday_late = True
    collect(run_after="2026-03-14T09:00", catch_up_days=1)  # of the 13th
    collect(run_after="2026-03-15T01:00", catch_up_days=2)  # of the 14th, in vain
    assert logged_days(sqlite_warehouse) == ["2026-03-12", "2026-03-13"]
    api.yesterday_late = False
    result = collect(run_after="2026-03-14T09:00", start="2026-03-14", end="2026-03-15")
    assert (result["loaded"]["days"], result["loaded"]["removed"]) == (1, 0)
    assert loaded(sqlite_warehouse) == held(api, date(2026, 3, 12))


@pytest.mark.usefixtures("noon")
def test_rows_of_yesterday_stay_where_the_server_has_lost_them(case, api, collect, sqlite_warehouse):
    collect(run_after="2026-03-15T01:00")
    before = loaded(sqlite_warehouse)
    api.yesterday_late = True
    assert collect(run_after="2026-03-15T02:00")["loaded"]["removed"] == 0
    assert loaded(sqlite_warehouse) == before == held(api, YESTERDAY) != {}
    assert logged_days(sqlite_warehouse) == [str(YESTERDAY)]


@pytest.mark.usefixtures("noon")
def test_an_earlier_day_without_rows_is_covered(api, collect, sqlite_warehouse):
    collect(start=str(DAY_BEFORE), end=str(YESTERDAY))
    for workspace in api.workspaces:
        for stream in (None, *workspace.datastream_ids):
            api.restate(workspace.id, stream, DAY_BEFORE, None)
    assert collect(start=str(DAY_BEFORE), end=str(YESTERDAY), allow_empty=True)["loaded"]["removed"] > 0
    assert loaded(sqlite_warehouse) == {}
    assert len(logged_days(sqlite_warehouse)) == 2


@pytest.mark.usefixtures("noon")
def test_a_day_is_covered_by_one_item_of_what_was_requested(api, collect, sqlite_warehouse):
    """Another datastream's item of yesterday says nothing about this one."""
    api.restate(MARKETING.id, STREAM, YESTERDAY, None)
    collect(run_after="2026-03-15T01:00", filters={"datastream_id": STREAM})
    assert logged_days(sqlite_warehouse) == []
    api.restate(MARKETING.id, STREAM, YESTERDAY, Rows(0, 0))
    collect(run_after="2026-03-15T01:00", filters={"datastream_id": STREAM})
    assert logged_days(sqlite_warehouse) == [str(YESTERDAY)]
