"""Adverity: its requests, one at a time, and the two kinds of key."""

from __future__ import annotations

from datetime import date

import pytest

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.hooks.adverity import AdverityHook
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator.adverity_usage import Rows
from tests.contract.cases import EMEA, MARKETING, find_case
from tests.support.truth import days, read_all, truth

ASKED = UsageQuery(days(date(2025, 3, 1), 31))


@pytest.fixture
def case():
    return find_case("adverity")


def test_filters_with_several_values_are_one_request_that_repeats_them(api, simulator, hook):
    streams = (*MARKETING.datastream_ids, EMEA.datastream_ids[0])
    both = {"workspace_id": (MARKETING.id, EMEA.id), "datastream_id": streams}
    asked = UsageQuery(days(date(2025, 3, 1), 5), both)
    assert read_all(hook, asked) == truth(api, asked) != {}
    (request,) = simulator.requests
    assert {name: request.values(name) for name in both} == both


def test_usage_without_a_datastream_has_an_empty_resource(api, hook):
    day = date(2025, 3, 1)
    api.restate(MARKETING.id, None, day, Rows(30, 40))
    records = [record for record in hook.get_usage(UsageQuery(days(day, 1))) if record.resource_id == ""]
    found = {r.sku_meter: r.consumed_quantity for r in records if r.sub_account_id == MARKETING.id}
    assert found == {"Unique Rows": 30, "Total Rows": 40}
    assert {record.sub_account_name for record in records} <= {workspace.name for workspace in api.workspaces}


def test_the_vendor_gets_one_request_at_a_time(api, hook):
    api.latency = 0.01
    list(hook.get_usage(UsageQuery(days(date(2025, 3, 1), 63))))
    assert api.most_in_flight == 1


@pytest.mark.parametrize("scheme", ["Token", "Bearer"])
def test_p8_the_other_auth_scheme_is_a_setting_to_fix(api, set_conn, scheme):
    api.auth_scheme = scheme
    set_conn(auth_scheme={"Token": "Bearer", "Bearer": "Token"}[scheme])
    with pytest.raises(UsageConfigError, match="'auth_scheme': Token for a key made with user credentials, Bearer"):
        list(AdverityHook().get_usage(ASKED))
    set_conn(auth_scheme=f" {scheme.upper()} ")
    assert list(AdverityHook().get_usage(ASKED))


def test_a_connection_without_auth_scheme_sends_token(api, set_conn, simulator, hook):
    set_conn(auth_scheme=None)
    assert list(hook.get_usage(ASKED))
    assert {request.headers["Authorization"] for request in simulator.requests} == {f"Token {api.key}"}
