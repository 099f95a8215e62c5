"""No connection type is missing, and none of the switches of its simulated API."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

from datacoves_usage_provider.compat import BaseHook
from datacoves_usage_provider.get_provider_info import get_provider_info
from datacoves_usage_provider.query import UsageQuery
from tests.contract.cases import CASES
from tests.support.truth import days, make_totals, truth


def test_every_registered_connection_type_has_a_case():
    registered = [entry["connection-type"] for entry in get_provider_info()["connection-types"]]
    assert [case.conn_type for case in CASES] == registered


def test_every_switch_of_the_simulator_is_turned(case, api):
    switches = {field.name for field in fields(api) if field.type == "bool"} - {"echo_key"}
    assert switches <= case.switches.keys() <= {field.name for field in fields(api)}
    assert {name for name, values in case.switches.items() if getattr(api, name) not in values} == set()


def test_every_filter_of_the_hook_is_tried(case, hook):
    assert {name for filters in case.filters for name in filters} == hook.api.filter_dimensions.keys()


def test_the_connection_type_decides_the_hook(case, hook):
    assert (hook.conn_type, hook.usage_conn_id) == (case.conn_type, case.conn_id)
    assert isinstance(hook, BaseHook)


def test_the_connection_can_be_tested(simulator, hook):
    worked, found = hook.test_connection()
    assert (worked, len(simulator.requests)) == (True, 1), found
    assert f"{hook.api.service_provider_name} accepts the key: " in found


def test_the_test_button_finds_a_wrong_key(set_conn, hook):
    set_conn(password="another-key")
    worked, found = hook.test_connection()
    assert not worked
    assert found


def test_a_month_has_figures_of_its_own_or_the_sums_of_its_days(case, api, collect, sqlite_warehouse):
    month = UsageQuery(days(date(2025, 2, 1), 28))
    result = collect(run_after="2025-03-03", period="month")
    totals = [total for total in result["totals"] if total["sku_meter"] != "Unique Rows"]
    assert totals == make_totals(truth(api, month))
    own = sqlite_warehouse.query("SELECT count(*) FROM usage_vendor_month")[0][0]
    assert (own > 0) == (case.conn_type == "adverity")
