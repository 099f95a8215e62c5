"""P8: every failure is an error that says what to do; Airflow tries again only what may pass."""

from __future__ import annotations

import json

import pytest

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.exceptions import (
    FinalUsageError,
    UsageApiError,
    UsageApiUnavailableError,
    UsageConfigError,
    UsageDataError,
    UsageError,
    WarehouseUnavailableError,
)
from datacoves_usage_provider.simulator import faults
from tests.support.truth import loaded, query, read_all, truth

pytestmark = pytest.mark.usefixtures("in_turn")

ASKED = query("2026-11-10", "2026-11-12")
ROW = {"environment_slug": "abc123", "service": "airflow", "date": "2026-11-10T08:00:00Z", "amount_minutes": 5}


def read(hook, asked=ASKED):
    return list(hook.get_usage(asked))


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (faults.Body('{"service": ["bad choice"]}', status=400), UsageApiError, ["400", "bad choice"]),
        (faults.Body('{"error": {"message": "too much"}}', status=400), UsageApiError, ["too much"]),
        (faults.Body("{}"), UsageDataError, ["the whole response is {}", "Expected `array`"]),
        (faults.Body("[1]"), UsageDataError, ["record 0 is 1"]),
        (
            faults.Body(json.dumps([ROW, {"service": "airflow"}])),
            UsageDataError,
            ["record 1 is {", "missing required field `environment_slug`"],
        ),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_p8_what_the_api_says_and_where_it_is_wrong_is_quoted(simulator, hook, fault, error, words):
    simulator.faults.append(fault)
    with pytest.raises(error) as raised:
        read(hook)
    assert [word for word in words if word not in str(raised.value)] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount_minutes": -1}, "record 0, field 'amount_minutes', is -1: Expected `int` >= 0"),
        ({"amount_minutes": 1.5}, "record 0, field 'amount_minutes', is 1.5"),
        ({"amount_minutes": "120"}, "record 0, field 'amount_minutes', is \"120\""),
        ({"amount_minutes": None}, "record 0, field 'amount_minutes', is null"),
        ({"amount_minutes": True}, "record 0, field 'amount_minutes', is true"),
        ({"amount_minutes": 10**20}, "cannot hold exactly"),
        ({"date": "yesterday"}, "record 0, field 'date', is 'yesterday'"),
        ({"date": 20261110}, "record 0, field 'date', is 20261110"),
        ({"environment_slug": ""}, "record 0, field 'environment_slug', is \"\""),
        ({"environment_slug": "x" * 300}, "sub_account_id has 300 characters"),
        ({"service": None}, "record 0, field 'service', is null"),
    ],
    ids=str,
)
def test_p8_a_record_that_is_wrong_names_record_field_and_value(simulator, hook, change, words):
    simulator.faults.append(faults.Body(json.dumps([ROW | change])))
    with pytest.raises(UsageDataError) as raised:
        read(hook)
    assert words in str(raised.value)


def test_p8_other_services_in_the_response_for_unknown_are_an_error_and_not_counted_twice(simulator, hook):
    simulator.faults.extend([None, faults.Body(json.dumps([ROW]))])
    with pytest.raises(UsageDataError, match="service_name 'airflow', but only unknown was requested"):
        read(hook)


def test_p8_an_unknown_environment_is_named(hook):
    with pytest.raises(UsageApiError, match="There is no environment 'nowhere'"):
        read(hook, query("2026-11-10", "2026-11-12", environment_slug=("abc123", "nowhere")))


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"workspace_id": ("x",)}, "does not have a filter 'workspace_id'; it has: environment_slug, service"),
        ({"service": ("airflow", "dbt")}, "does not know service 'dbt'; it knows: airflow, airbyte, unknown"),
        ({"environment_slug": ("../admin",)}, "must contain only letters, digits, '-' and '_', not '../admin'"),
    ],
)
def test_p8_a_filter_that_the_api_does_not_have_lists_those_that_it_has(simulator, hook, filters, words):
    with pytest.raises(UsageConfigError, match=words):
        read(hook, query("2026-11-10", "2026-11-12", **filters))
    assert not simulator.requests


@pytest.mark.parametrize("values", ["airflow", (), []])
def test_p8_a_filter_without_values_is_an_error_and_not_no_usage(values):
    with pytest.raises(UsageConfigError, match="at least one value"):
        query("2026-11-10", "2026-11-12", service=values)


def test_p3_a_value_that_is_given_twice_counts_once(api, hook):
    twice = query("2026-11-10", "2026-11-12", service=("airflow", "airflow"))
    assert read_all(hook, twice) == truth(api, query("2026-11-10", "2026-11-12", service=("airflow",)))


def test_p8_a_service_that_the_docs_do_not_know_is_loaded_with_a_warning(simulator, collect, warehouse, printed):
    simulator.faults.append(faults.Body(json.dumps([ROW | {"service": "dbt"}])))
    result = collect(start="2026-11-10", end="2026-11-12")
    assert "dbt" in {total["service_name"] for total in result["totals"]}
    assert "dbt" in {key.service for key in loaded(warehouse)}
    (line,) = [line for line in printed() if "'dbt'" in line]
    assert "Datacoves reports service 'dbt', which its documentation does not list. It is loaded under" in line


@pytest.mark.parametrize(
    ("fault", "fails_at_once"),
    [
        (faults.Status(403), UsageConfigError),
        (faults.Status(400), UsageApiError),
        (faults.Body("{}"), UsageDataError),
        (faults.Status(503, retry_after="3600"), None),
    ],
    ids=repr,
)
def test_p8_airflow_tries_again_only_what_may_pass(simulator, collect, fault, fails_at_once):
    simulator.faults.append(fault)
    with pytest.raises(AirflowFailException if fails_at_once else UsageApiUnavailableError) as raised:
        collect(sql_conn_id=None)
    if fails_at_once:
        assert isinstance(raised.value.__cause__, fails_at_once)
        assert str(raised.value) == str(raised.value.__cause__)


def test_p8_every_error_has_one_remedy():
    assert set(UsageError.__subclasses__()) == {FinalUsageError, UsageApiUnavailableError, WarehouseUnavailableError}
    assert set(FinalUsageError.__subclasses__()) == {UsageApiError, UsageConfigError, UsageDataError}
