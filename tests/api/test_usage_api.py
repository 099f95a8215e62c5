"""What an API says of itself is checked: what cannot be loaded exactly is an error before anything is requested."""

from __future__ import annotations

from datetime import date

import pytest

from datacoves_usage_provider import Meter, UsageApi, UsageConfigError, UsageDataError
from datacoves_usage_provider.api.datacoves_billing import WORKER_MINUTES, DatacovesBillingApi
from datacoves_usage_provider.query import Scope, UsageQuery
from tests.support.truth import days, read_all, truth

ASKED = UsageQuery(days(date(2025, 3, 1), 40))
HOURS = Meter(WORKER_MINUTES.name, "Hours")


def declare(base: type[UsageApi] = DatacovesBillingApi, **attributes: object) -> UsageApi:
    return type("OwnApi", (base,), attributes)()


def test_p7_an_api_has_no_filter_that_the_load_log_does_not_keep():
    """A load of one meter would be logged as a load of all: what it left out would never be missing."""
    with pytest.raises(
        TypeError, match=r"OwnApi\.filter_dimensions has sku_meter; it may have sub_account_id, service"
    ):
        declare(filter_dimensions={"meter": "sku_meter", "service": "service_name"})


def test_p7_no_two_filters_narrow_one_dimension():
    """The load would be logged by the values of one of them: what the other one left out would never be missing."""
    with pytest.raises(
        TypeError, match=r"OwnApi\.filter_dimensions must have each dimension once: service_name, service_name\."
    ):
        declare(filter_dimensions={"service": "service_name", "product": "service_name"})


def test_p8_values_are_documented_for_a_filter_that_the_api_has():
    """Reading would end with a KeyError."""
    with pytest.raises(
        TypeError, match=r"OwnApi\.documented_values has service, which filter_dimensions does not have"
    ):
        declare(filter_dimensions={})


def test_p11_two_meters_of_one_name_are_an_error():
    """They would be added up under it."""
    with pytest.raises(TypeError, match=r"OwnApi\.meters must have different names, not Worker Minutes, Worker Minut"):
        declare(meters=(WORKER_MINUTES, HOURS))


@pytest.mark.parametrize("max_days", [0, -1, 32, 365])
def test_p4_a_chunk_has_at_least_one_day_and_at_most_31(max_days):
    with pytest.raises(TypeError, match=rf"OwnApi\.max_days must be from 1 to 31, not {max_days}\."):
        declare(max_days=max_days)


@pytest.mark.parametrize("max_days", [1, 7, 31])
def test_p4_an_api_chooses_how_many_days_a_chunk_has(api, make_reader, max_days):
    reader = make_reader(declare(max_days=max_days))
    assert max(len(chunk.days) for chunk in reader.read(ASKED)) == max_days
    assert read_all(reader, ASKED) == truth(api, ASKED)


@pytest.mark.parametrize("declared", [(), (HOURS,), (Meter("Worker Minutes", "Minutes", is_additive=False),)], ids=str)
def test_p12_a_meter_that_the_api_does_not_declare_is_an_error(make_reader, declared):
    with pytest.raises(UsageDataError, match="the API does not declare .*Worker Minutes.* Add it to the API's meters"):
        read_all(make_reader(declare(meters=declared)), ASKED)


def test_p7_the_star_of_the_load_log_is_not_a_value_of_a_filter(usage_api):
    """It would be logged as a load of all."""
    with pytest.raises(
        UsageConfigError, match=r"environment_slug must not be '\*'\. Leave the filter out to get every"
    ):
        usage_api.get_scope({"environment_slug": ("abc123", "*")})


def test_p8_an_api_without_filters_says_that_it_has_none():
    with pytest.raises(UsageConfigError, match="Datacoves does not have a filter 'service'; it has: none"):
        declare(filter_dimensions={}, documented_values={}).get_scope({"service": ("airflow",)})


def test_filters_become_a_scope_in_the_words_of_the_tables(usage_api):
    scope = usage_api.get_scope({"environment_slug": ("a", "b"), "service": ("airflow",)})
    assert scope == Scope(sub_account_id=("a", "b"), service_name=("airflow",))
