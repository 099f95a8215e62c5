"""Each point that the documents leave open, both ways, and the limit of requests a second."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest

DAY = date(2026, 3, 2)
FIRST, LAST = 1772409600000, 1772495999999
WORKFLOW = "wf_8c1f0a2b"


def runs_in(response):
    return {one["workflowId"]: one["runCount"] for one in response.json()["data"]["workflows"]}


@pytest.mark.parametrize(("to_inclusive", "runs"), [(True, 2), (False, 1)])
def test_to_inclusive(get, api, to_inclusive, runs):
    api.to_inclusive = to_inclusive
    api.restate(WORKFLOW, DAY, Decimal(1), Decimal(1))
    assert runs_in(get(FIRST, LAST - 1))[WORKFLOW] == runs
    assert runs_in(get(FIRST, LAST))[WORKFLOW] == 2
    assert runs_in(get(FIRST, FIRST))[WORKFLOW] == runs - 1


def test_success_style(get, api):
    data = get(FIRST, LAST).json()["data"]
    api.success_style = True
    assert get(FIRST, LAST).json() == {"success": True, "data": data}
    response = get(FIRST, LAST, "nowhere")
    assert response.status_code == 404
    assert response.json() == {"success": False, "error": {"message": "Organization not found", "code": 404}}


def test_idle_workflows(get, api):
    api.restate(WORKFLOW, DAY)
    assert runs_in(get(FIRST, LAST))[WORKFLOW] == 0
    api.idle_workflows = False
    left = runs_in(get(FIRST, LAST))
    assert WORKFLOW not in left
    assert 0 not in left.values()
    assert left


def test_needs_org_header(get, api, http):
    assert get(FIRST, LAST).status_code == 200
    api.needs_org_header = True
    for wrong in (None, "nowhere"):
        http.headers["X-Org-ID"] = wrong
        response = get(FIRST, LAST)
        assert (response.status_code, response.json()["message"]) == (403, "X-Org-ID header is missing or wrong")
    http.headers["X-Org-ID"] = api.organization_id
    assert get(FIRST, LAST).status_code == 200


@pytest.mark.parametrize("success_style", [False, True])
def test_errors_inside_200(get, api, http, success_style):
    api.errors_inside_200, api.success_style = True, success_style
    http.headers["Authorization"] = "Bearer wrong"
    response = get(FIRST, LAST)
    assert response.status_code == 200
    assert response.json() == (
        {"success": False, "error": {"message": "Invalid API token", "code": 401}}
        if success_style
        else {"code": 401, "data": None, "message": "Invalid API token", "requestId": "req_000001"}
    )


@pytest.mark.parametrize("errors_inside_200", [False, True])
def test_requests_per_second(get, api, mocker, errors_inside_200):
    clock = mocker.patch("datacoves_usage_provider.simulator.b3os.monotonic", return_value=100.0)
    api.errors_inside_200 = errors_inside_200
    assert {get(FIRST, LAST).status_code for _ in range(10)} == {200}
    api.requests_per_second = 3
    responses = [get(FIRST, LAST) for _ in range(5)]
    assert [response.status_code for response in responses] == [200, 200, 200, 429, 429]
    assert responses[-1].headers["Retry-After"] == "1"
    assert responses[-1].json()["message"] == "Too many requests"
    clock.return_value = 100.99
    assert get(FIRST, LAST).json()["message"] == "Too many requests"
    clock.return_value = 101.01
    assert get(FIRST, LAST).status_code == 200


def test_requests_at_the_same_time_are_seen(get, api):
    api.latency = 1.0
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: get(FIRST, LAST), range(4)))
    assert api.most_in_flight == 4


@pytest.mark.parametrize("success_style", [False, True])
@pytest.mark.parametrize("errors_inside_200", [False, True])
def test_echo_key(get, api, errors_inside_200, success_style):
    right = get(FIRST, LAST).json()["data"]
    api.echo_key, api.errors_inside_200, api.success_style = True, errors_inside_200, success_style
    assert api.key in get(FIRST, LAST, "nowhere").text
    assert get(FIRST, LAST).json()["data"] == right
