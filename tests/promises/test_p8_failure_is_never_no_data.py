"""P8: every failure is an error that says what to do; Airflow tries again only what may pass."""

from __future__ import annotations

import json

import pytest
from tests.promises.truth import query, read_all, truth

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.exceptions import (
    UsageApiError,
    UsageApiUnavailableError,
    UsageConfigError,
    UsageDataError,
    UsageError,
)
from datacoves_usage_provider.simulator import faults

ASKED = query("2026-11-10", "2026-11-12")
ROW = {"environment_slug": "abc123", "service": "airflow", "date": "2026-11-10T08:00:00Z", "amount_minutes": 5}


def read(hook, asked=ASKED):
    return list(hook.get_usage(asked))


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (faults.Status(400, detail="Invalid date format."), UsageApiError, ["400", "Invalid date format."]),
        (faults.Status(401, detail="Invalid token."), UsageConfigError, ["401", "Invalid token.", "password field"]),
        (faults.Status(403), UsageConfigError, ["403", "datacoves_billing_default", "password field"]),
        (faults.Status(404), UsageConfigError, ["404", "host field"]),
        (faults.Status(418), UsageApiError, ["418"]),
        (faults.Body('{"service": ["bad choice"]}', status=400), UsageApiError, ["400", "bad choice"]),
        (faults.Body('{"error": {"message": "too much"}}', status=400), UsageApiError, ["too much"]),
        (faults.Redirect("https://login.example.com/"), UsageConfigError, ["login.example.com", "host field"]),
        (faults.Html(), UsageConfigError, ["HTML page instead of JSON", "host field"]),
        (faults.Status(400, html="<h1>TLS!"), UsageApiError, ["400 Bad Request. The response is an HTML page"]),
        (
            faults.Status(403, html="<h1>Who?"),
            UsageConfigError,
            ["403 Forbidden. The response is an HTML page", "password"],
        ),
        (faults.Body("{}"), UsageDataError, ["the whole response is {}", "Expected `array`"]),
        (faults.Body("[1]"), UsageDataError, ["record 0 is 1"]),
        (faults.Body("nonsense"), UsageDataError, ["not JSON", "nonsense"]),
        (faults.Body("[" * 100_000), UsageDataError, ["not JSON"]),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_p8_an_answer_that_is_no_usage_is_an_error_with_its_remedy(simulator, hook, fault, error, words):
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


@pytest.mark.parametrize("field", ROW)
def test_p8_a_record_without_a_field_names_the_field(simulator, hook, field):
    row = {name: value for name, value in ROW.items() if name != field}
    simulator.faults.append(faults.Body(json.dumps([ROW, row])))
    with pytest.raises(UsageDataError, match=rf"record 1 is .*missing required field `{field}`"):
        read(hook)


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"environment_slug": ("abc123",)}, "sub_account_id 'other', but only abc123 was asked for"),
        ({"service": ("airbyte",)}, "service_name 'airflow', but only airbyte was asked for"),
    ],
)
def test_p8_a_record_that_was_not_asked_for_is_an_error(simulator, hook, filters, words):
    row = ROW | {"environment_slug": "other"} if "environment_slug" in filters else ROW
    simulator.faults.append(faults.Body(json.dumps([row])))
    with pytest.raises(UsageDataError, match=words):
        read(hook, query("2026-11-10", "2026-11-12", **filters))


def test_p8_an_answer_for_unknown_with_other_services_is_an_error_and_not_counted_twice(simulator, hook):
    simulator.faults.extend([None, faults.Body(json.dumps([ROW]))])
    with pytest.raises(UsageDataError, match="service_name 'airflow', but only unknown was asked for"):
        read(hook)


def test_p8_an_unknown_environment_is_named(hook):
    with pytest.raises(UsageApiError, match="There is no environment 'nowhere'"):
        read(hook, query("2026-11-10", "2026-11-12", environment_slug=("abc123", "nowhere")))


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"workspace_id": ("x",)}, "no filter 'workspace_id'; it has: environment_slug, service"),
        ({"service": ("airflow", "dbt")}, "knows no service 'dbt'; it has: airflow, airbyte, unknown"),
        ({"environment_slug": ("../admin",)}, "'../admin' is no slug"),
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


def test_p8_a_service_that_the_docs_do_not_know_is_loaded_with_a_warning(simulator, hook, printed):
    simulator.faults.append(faults.Body(json.dumps([ROW | {"service": "dbt"}])))
    assert "dbt" in {record.service_name for record in read(hook)}
    assert any("service 'dbt'" in line for line in printed())


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
    kinds = {UsageApiError, UsageApiUnavailableError, UsageConfigError, UsageDataError}
    assert set(UsageError.__subclasses__()) == kinds
