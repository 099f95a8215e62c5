"""What the vendor's doc page says, requested over the socket."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

DAY = date(2026, 3, 2)
WEEK = "2026-03-02", "2026-03-08"


def exact(response):
    return json.loads(response.text, parse_float=Decimal)


def days_in(response):
    return [item["date"] for item in response.json()["data"]]


def test_a_report_has_the_documented_fields(get, api):
    response = get(*WEEK)
    total = api.total(DAY, DAY + timedelta(days=7))
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    assert exact(response) == {
        "from": "2026-03-02",
        "to": "2026-03-08",
        "org_id": api.org_id,
        "cost_usd": total.cost,
        "requests": total.requests,
    }


@pytest.mark.parametrize("include_daily", ["true", "1"])
def test_days_are_included_when_requested_and_add_up(get, api, include_daily):
    report = exact(get(*WEEK, include_daily=include_daily))
    days = [DAY + timedelta(days=number) for number in range(7)]
    assert report["data"] == [
        {"date": str(day), "cost_usd": api.usage(day).cost, "requests": api.usage(day).requests} for day in days
    ]
    assert report["cost_usd"] == sum(item["cost_usd"] for item in report["data"]) > 0
    assert report["requests"] == sum(item["requests"] for item in report["data"]) > 0


@pytest.mark.parametrize("include_daily", ["false", "0", "", "yes"])
def test_days_are_not_included_otherwise(get, include_daily):
    assert "data" not in get(*WEEK, include_daily=include_daily).json()


def test_all_days_come_back_and_those_without_usage_are_zeros(get, api):
    api.restate(DAY, 0, 0)
    response = get("2026-03-01", "2026-04-10", include_daily=1)
    assert days_in(response) == [str(date(2026, 3, 1) + timedelta(days=number)) for number in range(41)]
    assert f'{{"date":"{DAY}","cost_usd":0.0,"requests":0}}' in response.text
    assert exact(response)["data"][-1] == {"date": "2026-04-10", "cost_usd": 0, "requests": 0}


def test_both_dates_are_inclusive(get):
    assert days_in(get("2026-03-02", "2026-03-03", include_daily=1)) == ["2026-03-02", "2026-03-03"]
    assert days_in(get("2026-03-02", "2026-03-02", include_daily=1)) == ["2026-03-02"]


def test_the_default_is_30_days_before_until_today(get):
    days = days_in(get(include_daily=1))
    assert (days[0], days[-1], len(days)) == ("2026-02-13", "2026-03-15", 31)
    assert days_in(get(last="2026-03-02", include_daily=1))[0] == "2026-01-31"
    assert days_in(get("2026-03-14", include_daily=1)) == ["2026-03-14", "2026-03-15"]


def test_the_vendors_example_of_a_full_year_is_within_the_limit(get):
    assert len(days_in(get("2024-01-01", "2024-12-31", include_daily="true"))) == 366


@pytest.mark.parametrize(
    ("start", "last", "message"),
    [
        ("2026-3-2", "2026-03-08", "Invalid 'from' date format. Expected YYYY-MM-DD"),
        ("2026-03-02", "2026-02-30", "Invalid 'to' date format. Expected YYYY-MM-DD"),
        ("2026-03-02", "", "Invalid 'to' date format. Expected YYYY-MM-DD"),
        ("2026-03-02", "2026-03-01", "'from' date must be before or equal to 'to' date"),
        ("2024-01-01", "2025-01-01", "Date range cannot exceed 1 year (365 days)"),
    ],
)
def test_wrong_dates_are_an_error(get, start, last, message):
    response = get(start, last)
    assert response.status_code == 400
    assert response.json() == {"error_code": "invalid_request", "error_message": message}


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer x", "Token {key}", "{key}", "Bearer {key} {key}"])
def test_a_wrong_key_is_unauthorized(get, http, api, header):
    http.headers["Authorization"] = header and header.format(key=api.key)
    response = get(*WEEK)
    assert response.status_code == 401
    assert response.json() == {"error_code": "unauthorized", "error_message": "Unauthorized"}


def test_an_ordinary_key_finds_nothing(get, http, api):
    http.headers["Authorization"] = f"Bearer {api.ordinary_key}"
    response = get(*WEEK)
    assert (response.status_code, response.json()) == (404, {"error_code": "not_found", "error_message": "Not found"})


@pytest.mark.parametrize("path", ["/v2/organization/usage/", "/v2/organization/usages"])
def test_any_other_path_is_not_found(http, simulator, path):
    assert http.get(simulator.url + path, timeout=60).status_code == 404


def test_any_other_method_is_an_error(http, simulator):
    response = http.post(f"{simulator.url}/v2/organization/usage", timeout=60)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")
