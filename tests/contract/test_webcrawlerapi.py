"""WebCrawlerAPI: an answer's totals are those of its days, each day is there once, and the key must be an admin's."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Context, Decimal

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from datacoves_usage_provider.exceptions import UsageConfigError, UsageDataError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import faults
from tests.contract.answers import PLACEHOLDER, Text
from tests.contract.cases import find_case
from tests.support.truth import days, loaded, read_all, truth

START = date(2025, 3, 1)
ASKED = UsageQuery(days(START, 10))
ASKED_DAYS = len(ASKED.window.days) + 1  # the day after it, too


@pytest.fixture
def case():
    return find_case("webcrawlerapi")


def add(name: str, amount: Decimal | int) -> faults.Edit:
    exact = Context(prec=6000)
    return faults.Edit(lambda answer: answer | {name: exact.add(Decimal(answer[name]), Decimal(amount))})


@pytest.mark.parametrize("amount", [-1, 1, 1000])
def test_p12_requests_must_add_up_exactly(simulator, hook, amount):
    simulator.faults.append(add("requests", amount))
    with pytest.raises(UsageDataError, match=r"The response's total is \d+ requests, but its days have \d+"):
        list(hook.get_usage(ASKED))


@pytest.mark.parametrize("sign", [-1, 1])
def test_p12_a_cost_that_rounding_explains_is_a_warning(api, simulator, hook, printed, sign):
    simulator.faults.append(add("cost_usd", sign * Decimal("0.005") * ASKED_DAYS))
    assert read_all(hook, ASKED) == truth(api, ASKED)
    assert [line for line in printed() if "WebCrawlerAPI rounds: the answer's total cost is" in line]


@pytest.mark.parametrize("sign", [-1, 1])
def test_p12_a_cost_that_rounding_does_not_explain_is_an_error(simulator, hook, sign):
    simulator.faults.append(add("cost_usd", sign * (Decimal("0.005") * ASKED_DAYS + Decimal("0.000001"))))
    with pytest.raises(UsageDataError, match="The answer's total cost is .* more than rounding to cents explains"):
        list(hook.get_usage(ASKED))


@pytest.mark.parametrize("digits", ["0" * 15 + "1", "0" * 18 + "1", "0" * 5000 + "1"], ids=len)
def test_p12_a_total_cost_may_have_any_digits(api, simulator, hook, printed, digits):
    """Such as a sum of doubles has; it is compared, and not loaded."""
    simulator.faults.append(add("cost_usd", Decimal(f"0.000000{digits}")))
    assert read_all(hook, ASKED) == truth(api, ASKED)
    (line,) = (line for line in printed() if "WebCrawlerAPI rounds: the answer's total cost is" in line)
    assert len(line) < 700


@pytest.mark.parametrize("text", ["1e99999999", "1e999999999999999999", "9" * 4000 + ".5", "1e-99999999"])
def test_p12_no_total_cost_is_too_large_or_small_to_be_compared(simulator, hook, text):
    simulator.faults.append(Text(lambda answer: answer | {"cost_usd": PLACEHOLDER}, text))
    with pytest.raises(UsageDataError, match=r"The answer's total cost is .* more than rounding") as raised:
        list(hook.get_usage(UsageQuery(days(START, 31))))
    assert len(str(raised.value)) < 700


@pytest.mark.parametrize("text", ["1e9999999999999999999", "-1e99999999", '"1"', "true", "NaN"])
def test_p12_a_total_cost_is_a_number(simulator, hook, text):
    simulator.faults.append(Text(lambda answer: answer | {"cost_usd": PLACEHOLDER}, text))
    with pytest.raises(UsageDataError, match="Expected a number >= 0|not JSON"):
        list(hook.get_usage(ASKED))


def test_p12_a_cost_that_adds_up_is_no_warning(hook, printed):
    list(hook.get_usage(ASKED))
    assert not [line for line in printed() if "rounds" in line]


@pytest.mark.parametrize("rounded_total", [False, True])
@pytest.mark.parametrize("rounded_days", [False, True])
def test_p12_costs_that_the_vendor_rounds_are_taken_as_they_are(api, hook, rounded_days, rounded_total):
    api.rounded_days, api.rounded_total = rounded_days, rounded_total

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.integers(0, 60_000), min_size=1, max_size=6), st.booleans())
    def check(credits_of_days, end_inclusive):
        api.end_inclusive = end_inclusive
        window = days(START, len(credits_of_days))
        for day, number in zip(window.days, credits_of_days, strict=True):
            api.restate(day, 1, number)
        costs = {record.charge_period_start: record.effective_cost for record in hook.get_usage(UsageQuery(window))}
        assert costs == {day: api.cost(day) for day in window.days}

    check()


@pytest.mark.parametrize("number", [0, 4, 9])
@pytest.mark.parametrize("times", [0, 2])
def test_p12_each_day_must_be_there_once(simulator, hook, case, number, times):
    def change(answer):
        answer["data"][number : number + 1] *= times
        return case.retotal(answer)

    simulator.faults.append(faults.Edit(change))
    day = START + timedelta(days=number)
    with pytest.raises(UsageDataError, match=f"must have each day once, but has not: {day}"):
        list(hook.get_usage(ASKED))


@pytest.mark.parametrize("name", ["org_id", "cost_usd", "requests", "data"])
@pytest.mark.parametrize("value", [None, [5], -1, "x" * 300])
def test_p12_the_answers_own_fields_are_checked(simulator, hook, name, value):
    simulator.faults.append(faults.Edit(lambda answer: answer | {name: value}))
    with pytest.raises(UsageDataError, match=f"field '{name}'|record 0 is 5|sub_account_id has 300 characters"):
        list(hook.get_usage(ASKED))


@pytest.mark.parametrize("short_errors", [False, True])
def test_p8_an_ordinary_key_is_told_that_it_must_be_an_admins(api, simulator, set_conn, hook, short_errors):
    api.short_errors = short_errors
    set_conn(password=api.ordinary_key)
    with pytest.raises(UsageConfigError, match="“Not found”. This API answers so to a key that is not an org"):
        list(hook.get_usage(ASKED))
    worked, said = hook.test_connection()
    assert not worked
    assert "admin key" in said


@pytest.mark.parametrize("short_errors", [False, True])
def test_p8_the_vendors_words_are_quoted_in_both_forms(api, simulator, set_conn, hook, short_errors):
    api.short_errors = short_errors
    set_conn(password="another-key")
    with pytest.raises(UsageConfigError, match="401 Unauthorized: “Unauthorized”. Check the API key"):
        list(hook.get_usage(ASKED))


def test_p5_a_refund_lowers_a_past_day(api, collect, warehouse):
    window = {"start": str(ASKED.window.start), "end": str(ASKED.window.end)}
    day = next(day for day in ASKED.window.days if api.usage(day).credits)
    before = api.usage(day)
    collect(**window)
    api.restate(day, before.requests, before.credits - 7)
    assert collect(**window)["loaded"]["changed"] == 1
    assert loaded(warehouse) == truth(api, ASKED)
    columns = "x_effective_cost_before, x_effective_cost_after, x_billing_currency_before, x_billing_currency_after"
    ((old, new, *currencies),) = warehouse.query(f"SELECT {columns} FROM usage_revision")
    assert Decimal(str(old)) - Decimal(str(new)) == Decimal("0.000007")
    assert (Decimal(str(old)), currencies) == (before.cost, ["USD", "USD"])


def test_the_host_is_the_vendors_where_none_is_given(set_conn, hook):
    set_conn(host="")
    assert hook.settings.url == "https://api.webcrawlerapi.com"


@pytest.mark.parametrize("limit_counts_days", [False, True])
@pytest.mark.parametrize("distance", [363, 364, 365, 366])
def test_the_limit_of_365_days_at_its_edges(api, simulator, limit_counts_days, distance):
    api.limit_counts_days = limit_counts_days
    dates = {"from": str(START), "to": str(START + timedelta(days=distance))}
    headers = {"Authorization": f"Bearer {api.key}"}
    answer = requests.get(f"{simulator.url}/v2/organization/usage", dates, headers=headers, timeout=5)
    assert answer.status_code == (200 if distance + limit_counts_days <= 365 else 400)


def test_p4_no_request_comes_near_the_limit(api, simulator, hook):
    api.limit_counts_days = True
    asked = UsageQuery(days(START, 400))
    assert read_all(hook, asked) == truth(api, asked)
    dates = [(request.query["from"], request.query["to"]) for request in simulator.requests]
    assert max(date.fromisoformat(end) - date.fromisoformat(start) for start, end in dates) == timedelta(days=31)
