"""WebCrawlerAPI: a response's totals are those of its days, and each day is there once."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Context, Decimal

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from datacoves_usage_provider.exceptions import UsageConfigError, UsageDataError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import faults
from tests.contract.wrong_responses import PLACEHOLDER, Text, retotal_crawler
from tests.support.truth import days, read_all, read_records, take, truth

START = date(2025, 3, 1)
ASKED = UsageQuery(days(START, 10))
ASKED_DAYS = len(ASKED.window.days) + 1  # the day after it, too


@pytest.fixture
def conn_type() -> str:
    return "webcrawlerapi"


def add(name: str, amount: Decimal | int) -> faults.Edit:
    exact = Context(prec=6000)
    return faults.Edit(lambda body: body | {name: exact.add(Decimal(body[name]), Decimal(amount))})


@pytest.mark.parametrize("amount", [-1, 1, 1000])
def test_p12_requests_must_add_up_exactly(simulator, reader, amount):
    simulator.faults.append(add("requests", amount))
    with pytest.raises(UsageDataError, match=r"The response's total is \d+ requests, but its days have \d+"):
        read_all(reader, ASKED)


@pytest.mark.parametrize("sign", [-1, 1])
def test_p12_a_cost_that_rounding_explains_is_a_warning(api, simulator, reader, sign):
    simulator.faults.append(add("cost_usd", sign * Decimal("0.005") * ASKED_DAYS))
    (chunk,) = reader.read(ASKED)
    assert take(chunk.records) == truth(api, ASKED)
    (warning,) = chunk.warnings
    assert re.match(r"WebCrawlerAPI rounds: the response's total cost is \S+ USD, but its 11 days cost", warning)


@pytest.mark.parametrize("sign", [-1, 1])
def test_p12_a_cost_that_rounding_does_not_explain_is_an_error(simulator, reader, sign):
    simulator.faults.append(add("cost_usd", sign * (Decimal("0.005") * ASKED_DAYS + Decimal("0.000001"))))
    with pytest.raises(UsageDataError, match="the response's total cost is .* Rounding to cents does not explain that"):
        read_all(reader, ASKED)


@pytest.mark.parametrize("digits", ["0" * 15 + "1", "0" * 18 + "1", "0" * 5000 + "1"], ids=len)
def test_p12_a_total_cost_may_have_any_digits(api, simulator, reader, digits):
    """Such as a sum of doubles has; it is compared, and not loaded."""
    simulator.faults.append(add("cost_usd", Decimal(f"0.000000{digits}")))
    (chunk,) = reader.read(ASKED)
    assert take(chunk.records) == truth(api, ASKED)
    (warning,) = chunk.warnings
    assert "WebCrawlerAPI rounds: the response's total cost is" in warning
    assert len(warning) < 700


@pytest.mark.parametrize("text", ["1e99999999", "1e999999999999999999", "9" * 4000 + ".5", "1e-99999999"])
def test_p12_no_total_cost_is_too_large_or_small_to_be_compared(simulator, reader, text):
    simulator.faults.append(Text(lambda body: body | {"cost_usd": PLACEHOLDER}, text))
    with pytest.raises(UsageDataError, match="Rounding to cents does not explain") as raised:
        read_all(reader, UsageQuery(days(START, 31)))
    assert len(str(raised.value)) < 700


@pytest.mark.parametrize("text", ["1e9999999999999999999", "-1e99999999", '"1"', "true", "NaN"])
def test_p12_a_total_cost_is_a_number(simulator, reader, text):
    simulator.faults.append(Text(lambda body: body | {"cost_usd": PLACEHOLDER}, text))
    with pytest.raises(UsageDataError, match="Expected a number >= 0|not JSON"):
        read_all(reader, ASKED)


def test_p12_a_cost_that_adds_up_is_not_a_warning(reader):
    (chunk,) = reader.read(ASKED)
    assert chunk.warnings == ()


@pytest.mark.parametrize("rounded_total", [False, True])
@pytest.mark.parametrize("rounded_days", [False, True])
def test_p12_costs_that_the_vendor_rounds_are_taken_as_they_are(api, reader, rounded_days, rounded_total):
    api.rounded_days, api.rounded_total = rounded_days, rounded_total

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.integers(0, 60_000), min_size=1, max_size=6), st.booleans())
    def check(credits_of_days, end_inclusive):
        api.end_inclusive = end_inclusive
        window = days(START, len(credits_of_days))
        for day, number in zip(window.days, credits_of_days, strict=True):
            api.restate(day, 1, number)
        costs = {
            record.charge_period_start: record.effective_cost for record in read_records(reader, UsageQuery(window))
        }
        assert costs == {day: api.cost(day) for day in window.days}

    check()


@pytest.mark.parametrize("number", [0, 4, 9])
@pytest.mark.parametrize("times", [0, 2])
def test_p12_each_day_must_be_there_once(simulator, reader, number, times):
    def change(body):
        body["data"][number : number + 1] *= times
        return retotal_crawler(body)

    simulator.faults.append(faults.Edit(change))
    day = START + timedelta(days=number)
    with pytest.raises(UsageDataError, match=f"must have each day once. Missing or repeated: {day}"):
        read_all(reader, ASKED)


@pytest.mark.parametrize("name", ["org_id", "cost_usd", "requests", "data"])
@pytest.mark.parametrize("value", [None, [5], -1, "x" * 300])
def test_p12_the_responses_own_fields_are_checked(simulator, reader, name, value):
    simulator.faults.append(faults.Edit(lambda body: body | {name: value}))
    with pytest.raises(UsageDataError, match=f"field '{name}'|record 0 is 5|sub_account_id has 300 characters"):
        read_all(reader, ASKED)


@pytest.mark.parametrize("short_errors", [False, True])
def test_p8_the_vendors_words_are_quoted_in_both_forms(api, make_reader, short_errors):
    api.short_errors = short_errors
    with pytest.raises(UsageConfigError, match="401 Unauthorized: “Unauthorized”. Check the API key"):
        read_all(make_reader(key="another-key"), ASKED)


@pytest.mark.parametrize("limit_counts_days", [False, True])
@pytest.mark.parametrize("distance", [363, 364, 365, 366])
def test_the_limit_of_365_days_at_its_edges(api, simulator, limit_counts_days, distance):
    api.limit_counts_days = limit_counts_days
    dates = {"from": str(START), "to": str(START + timedelta(days=distance))}
    headers = {"Authorization": f"Bearer {api.key}"}
    body = requests.get(f"{simulator.url}/v2/organization/usage", dates, headers=headers, timeout=60)
    assert body.status_code == (200 if distance + limit_counts_days <= 365 else 400)


def test_p4_no_request_comes_near_the_limit(api, simulator, reader):
    api.limit_counts_days = True
    asked = UsageQuery(days(START, 400))
    assert read_all(reader, asked) == truth(api, asked)
    dates = [(request.query["from"], request.query["to"]) for request in simulator.requests]
    assert max(date.fromisoformat(end) - date.fromisoformat(start) for start, end in dates) == timedelta(days=31)
