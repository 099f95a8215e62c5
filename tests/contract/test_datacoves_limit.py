"""The Datacoves Billing API's limit of 180 days, at its edges, and far away from the hook's chunks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import requests

from datacoves_usage_provider.query import UsageQuery
from tests.contract.cases import find_case
from tests.support.truth import days, read_all, truth

START = date(2025, 3, 1)


@pytest.fixture
def case():
    return find_case("datacoves_billing")


@pytest.mark.parametrize("limit_counts_days", [False, True])
@pytest.mark.parametrize("distance", [178, 179, 180, 181])
def test_the_limit_of_180_days_at_its_edges(api, simulator, limit_counts_days, distance):
    api.limit_counts_days = limit_counts_days
    dates = {"start_date": str(START), "end_date": str(START + timedelta(days=distance))}
    headers = {"Authorization": f"Token {api.key}"}
    body = requests.get(f"{simulator.billing_url}/", dates, headers=headers, timeout=60)
    assert body.status_code == (200 if distance + limit_counts_days <= 180 else 400)


@pytest.mark.parametrize("limit_counts_days", [False, True])
@pytest.mark.parametrize("length", [178, 179, 180, 181])
def test_p4_no_request_comes_near_the_limit(api, simulator, hook, limit_counts_days, length):
    api.limit_counts_days = limit_counts_days
    asked = UsageQuery(days(START, length))
    assert read_all(hook, asked) == truth(api, asked)
    dates = [(request.query["start_date"], request.query["end_date"]) for request in simulator.requests]
    assert max(date.fromisoformat(end) - date.fromisoformat(start) for start, end in dates) == timedelta(days=31)
