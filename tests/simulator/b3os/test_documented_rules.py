"""What the vendor's doc page says, requested over the socket."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

DAY = date(2026, 3, 2)
FIRST, LAST = 1772409600000, 1772495999999  # the first and the last millisecond of that day


def exact(response):
    return json.loads(response.text, parse_float=Decimal)


def usage_in(response):
    return {one["workflowId"]: (one["totalCu"], one["runCount"]) for one in exact(response)["data"]["workflows"]}


def test_a_response_has_the_documented_fields(get, api):
    response = get(FIRST, LAST)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    report = exact(response)
    first, usage = api.workflows[0], api.usage(api.workflows[0].id, DAY)
    assert {name: report[name] for name in report if name != "data"} == {
        "code": 0,
        "message": "successfully",
        "requestId": "req_000001",
    }
    assert report["data"]["workflows"][0] == {
        "cuPerHour": Decimal("0.25"),
        "estimatedCostPerRun": round(usage.compute_units / usage.runs),
        "isStream": False,
        "runCount": usage.runs,
        "status": "active",
        "totalCu": usage.compute_units,
        "triggerType": "schedule",
        "workflowId": first.id,
        "workflowName": "Daily report",
    }


def test_a_day_is_all_that_ran_in_it(get, api, midnight):
    assert (midnight(DAY), midnight(DAY + timedelta(days=1)) - 1) == (FIRST, LAST)
    assert usage_in(get(FIRST, LAST)) == {one.id: api.usage(one.id, DAY) for one in api.workflows}


def test_a_range_is_totalled(get, api):
    week = timedelta(days=7)
    totals = usage_in(get(FIRST, LAST + 6 * 86_400_000))
    assert totals == {one.id: api.total(one.id, DAY, DAY + week) for one in api.workflows}
    for one in api.workflows:
        days = [api.usage(one.id, DAY + timedelta(days=number)) for number in range(7)]
        assert totals[one.id] == (sum(day.compute_units for day in days), sum(day.runs for day in days))


@pytest.mark.parametrize(("shift_start", "shift_last"), [(1, 0), (0, -2), (-2, 0), (0, 1), (0, -999)])
def test_other_milliseconds_are_another_total(get, api, shift_start, shift_last):
    for day in (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)):
        api.restate("wf_8c1f0a2b", day, Decimal(1), Decimal(2), Decimal(4))
    assert usage_in(get(FIRST, LAST))["wf_8c1f0a2b"] == (7, 3)
    assert usage_in(get(FIRST + shift_start, LAST + shift_last))["wf_8c1f0a2b"][0] != 7


def test_before_the_first_day_and_after_now_nothing_runs(get, api):
    everything = usage_in(get(0, 999_999_999_999_999_999))
    assert everything == {one.id: api.total(one.id, date(2024, 1, 1), date(2026, 3, 16)) for one in api.workflows}
    assert set(usage_in(get(0, 1)).values()) == {(0, 0)}


def test_each_response_has_a_request_id_of_its_own(get):
    responses = [get(FIRST, LAST), get("x", LAST), get(FIRST, LAST, "nowhere")]
    assert [response.json()["requestId"] for response in responses] == ["req_000001", "req_000002", "req_000003"]


@pytest.mark.parametrize("wrong", [None, "", "x", "-1", "1.5", "2026-03-02", "1e3", "9" * 19])
@pytest.mark.parametrize("name", ["from", "to"])
def test_text_that_is_not_a_time_is_an_error(get, name, wrong):
    response = get(**{"start": FIRST, "last": LAST} | {{"from": "start", "to": "last"}[name]: wrong})
    assert (response.status_code, response.json()["code"], response.json()["data"]) == (400, 400, None)
    assert response.json()["message"] == f"{name} must be a time in unix milliseconds"


def test_from_after_to_is_an_error(get):
    response = get(LAST, FIRST)
    assert (response.status_code, response.json()["message"]) == (400, "from must not be after to")
    assert get(FIRST, FIRST).status_code == 200


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer x", "Token {key}", "{key}"])
def test_a_wrong_key_is_unauthorized(get, http, api, header):
    http.headers["Authorization"] = header and header.format(key=api.key)
    response = get(FIRST, LAST, "nowhere")
    assert (response.status_code, response.json()["message"]) == (401, "Invalid API token")


def test_another_organization_is_not_found(get):
    response = get(FIRST, LAST, "nowhere")
    assert (response.status_code, response.json()["message"]) == (404, "Organization not found")


@pytest.mark.parametrize("path", ["", "/org_7e00c0ffee", "/org_7e00c0ffee/cu/usage-by-workflow/"])
def test_any_other_path_is_not_found(http, simulator, path):
    response = http.get(f"{simulator.url}/v1/organizations{path}", timeout=60)
    assert (response.status_code, response.json()["message"]) == (404, "Not found")


def test_any_other_method_is_an_error(http, simulator):
    response = http.post(f"{simulator.url}/v1/organizations/org_7e00c0ffee/cu/usage-by-workflow", timeout=60)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")
