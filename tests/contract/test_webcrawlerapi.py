"""WebCrawlerAPI: the key must be an admin's, and a refund lowers a day that is over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.query import UsageQuery
from tests.contract.cases import find_case
from tests.support.truth import days, loaded, read_all, truth

ASKED = UsageQuery(days(date(2025, 3, 1), 10))


@pytest.fixture
def case():
    return find_case("webcrawlerapi")


@pytest.mark.parametrize("short_errors", [False, True])
def test_p8_an_ordinary_key_must_be_an_admins(api, set_conn, hook, short_errors):
    api.short_errors = short_errors
    set_conn(password=api.ordinary_key)
    with pytest.raises(UsageConfigError, match="“Not found”. This API also responds like this to a key"):
        read_all(hook, ASKED)
    worked, said = hook.test_connection()
    assert not worked
    assert "an admin's key" in said


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
