"""Adverity ignores ids that it does not know: nothing of them is deleted or logged, and a warning says so."""

from __future__ import annotations

from datetime import date

import pytest

from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator.adverity_usage import Rows
from tests.contract.cases import EMEA, MARKETING, find_case
from tests.support.truth import days, loaded, logged_days, truth

NOWHERE = "00000000-0000-4000-8000-000000000000"
STREAM = MARKETING.datastream_ids[0]
LOG = "SELECT sub_account_id, resource_id, x_records FROM usage_load_log ORDER BY 1, 2, 3"


@pytest.fixture
def case():
    return find_case("adverity")


@pytest.mark.parametrize("unknown_is_unfiltered", [False, True])
@pytest.mark.parametrize("name", ["workspace_id", "datastream_id"])
def test_an_unknown_value_is_neither_loaded_nor_logged(api, collect, warehouse, printed, unknown_is_unfiltered, name):
    api.unknown_is_unfiltered = unknown_is_unfiltered
    window = {"start": "2025-03-01", "end": "2025-03-03"}
    collect(**window)
    before, logged = loaded(warehouse), logged_days(warehouse)
    printed()
    result = collect(**window, filters={name: NOWHERE})
    assert result["totals"] == []
    assert (result["loaded"]["records"], result["loaded"]["removed"]) == (0, 0)
    assert (loaded(warehouse), logged_days(warehouse)) == (before, logged)
    field = {"workspace_id": "sub_account_id", "datastream_id": "resource_id"}[name]
    (warning,) = [line for line in printed() if NOWHERE in line]
    assert f"has no usage of {field} {NOWHERE}" in warning
    assert collect(**window, filters={name: NOWHERE}, sql_conn_id=None)["totals"] == []
    assert any(NOWHERE in line for line in printed())


@pytest.mark.parametrize("unknown_is_unfiltered", [False, True])
def test_an_unknown_value_beside_a_known_one_is_left_out(api, collect, warehouse, unknown_is_unfiltered):
    api.unknown_is_unfiltered = unknown_is_unfiltered
    filters = {"workspace_id": (NOWHERE, MARKETING.id), "datastream_id": (STREAM,)}
    api.restate(MARKETING.id, STREAM, date(2025, 3, 1), Rows(1, 2))
    collect(start="2025-03-01", end="2025-03-02", filters=filters)
    asked = UsageQuery(days(date(2025, 3, 1), 1), {"workspace_id": (MARKETING.id,), "datastream_id": (STREAM,)})
    assert loaded(warehouse) == truth(api, asked) != {}
    assert warehouse.query(LOG) == [(MARKETING.id, STREAM, 2)]


def test_a_value_is_known_if_any_day_has_it(api, collect, warehouse, printed):
    api.restate(MARKETING.id, STREAM, date(2025, 3, 1), Rows(1, 2))
    api.restate(MARKETING.id, STREAM, date(2025, 3, 2), None)
    filters = {"datastream_id": STREAM}
    collect(start="2025-03-01", end="2025-03-02", filters=filters)
    collect(start="2025-03-02", end="2025-03-03", filters=filters)
    assert logged_days(warehouse) == ["2025-03-01", "2025-03-02"]
    assert not any("ignores ids" in line for line in printed())


def test_a_value_whose_only_rows_vanish_was_known(api, collect, warehouse, printed):
    api.restate(MARKETING.id, STREAM, date(2025, 3, 1), Rows(1, 2))
    arguments = {"start": "2025-03-01", "end": "2025-03-02", "filters": {"datastream_id": STREAM}}
    collect(**arguments)
    api.restate(MARKETING.id, STREAM, date(2025, 3, 1), None)
    assert collect(**arguments, allow_empty=True)["loaded"]["removed"] == 2
    assert loaded(warehouse) == {}
    assert [row[2] for row in warehouse.query(LOG)] == [0, 2]
    assert not any("ignores ids" in line for line in printed())


@pytest.mark.parametrize("column", ["service_provider_name", "billing_account_id"])
def test_what_another_account_knows_does_not_make_an_id_known(api, collect, sqlite_warehouse, printed, column):
    api.restate(MARKETING.id, STREAM, date(2025, 3, 1), Rows(1, 2))
    api.restate(MARKETING.id, STREAM, date(2025, 3, 2), None)
    collect(start="2025-03-01", end="2025-03-02")
    sqlite_warehouse.query(f"UPDATE usage_daily SET {column} = 'another'")
    collect(start="2025-03-02", end="2025-03-03", filters={"datastream_id": STREAM})
    assert logged_days(sqlite_warehouse) == ["2025-03-01"]
    assert any("account 'an-account' has no usage of resource_id" in line for line in printed())


def test_a_workspace_that_vanished_is_warned_of(api, collect, sqlite_warehouse, printed):
    window = {"start": "2025-03-01", "end": "2025-03-03"}
    collect(**window)
    api.workspaces = api.workspaces[:1]
    collect(**window)
    assert [EMEA.id in line for line in printed() if "no longer has usage" in line] == [True, False]
