"""Each point that the documents leave open, both ways."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from datacoves_usage_provider.simulator import faults

DAY = date(2026, 3, 2)
WEEK = "2026-03-02", "2026-03-08"


def exact(response):
    return json.loads(response.text, parse_float=Decimal)


def test_end_inclusive(get, api):
    api.end_inclusive = False
    report = exact(get(*WEEK, include_daily=1))
    assert (report["to"], report["data"][-1]["date"]) == ("2026-03-08", "2026-03-07")
    assert report["requests"] == api.total(DAY, date(2026, 3, 8)).requests
    empty = get(str(DAY), str(DAY), include_daily=1).json()
    assert (empty["requests"], empty["data"]) == (0, [])


@pytest.mark.parametrize(("limit_counts_days", "longest"), [(True, 364), (False, 365)])
def test_limit_counts_days(get, api, limit_counts_days, longest):
    api.limit_counts_days = limit_counts_days
    start = date(2025, 1, 1)
    assert get(str(start), str(start + timedelta(days=longest))).status_code == 200
    assert get(str(start), str(start + timedelta(days=longest + 1))).status_code == 400


@pytest.mark.parametrize("rounded_total", [False, True])
@pytest.mark.parametrize("rounded_days", [False, True])
def test_rounded_costs(get, api, rounded_days, rounded_total):
    api.rounded_days, api.rounded_total = rounded_days, rounded_total
    api.restate(DAY, 10, 1_234_567)
    api.restate(DAY + timedelta(days=1), 1, 5_000)
    report = exact(get("2026-03-02", "2026-03-03", include_daily=1))
    costs = [str(item["cost_usd"]) for item in report["data"]]
    assert costs == (["1.23", "0.01"] if rounded_days else ["1.234567", "0.005"])
    assert [str(api.cost(DAY)), str(api.cost(DAY + timedelta(days=1)))] == costs
    assert str(report["cost_usd"]) == ("1.24" if rounded_total else "1.239567")


def test_short_errors(get, api, http):
    api.short_errors = True
    assert get("x").json() == {
        "error": "invalid_request",
        "message": "Invalid 'from' date format. Expected YYYY-MM-DD",
    }
    http.headers["Authorization"] = f"Bearer {api.ordinary_key}"
    assert get(*WEEK).json() == {"error": "not_found", "message": "Not found"}


def test_totals_can_be_made_wrong(get, api, simulator):
    right = exact(get(*WEEK, include_daily=1))
    simulator.faults.append(faults.Edit(lambda report: report | {"cost_usd": report["cost_usd"] + Decimal("0.000001")}))
    wrong = exact(get(*WEEK, include_daily=1))
    assert wrong.pop("cost_usd") - right.pop("cost_usd") == Decimal("0.000001")
    assert wrong == right


def test_echo_key(get, api):
    api.echo_key = True
    assert api.key in get("x").json()["error_message"]
    assert api.key not in get(*WEEK).text
