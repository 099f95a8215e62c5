"""B3OS: a request for each day, two kinds of envelope, and errors inside of responses with status 200."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from decimal import Decimal

import pytest

from datacoves_usage_provider.exceptions import (
    UsageApiError,
    UsageApiUnavailableError,
    UsageConfigError,
    UsageDataError,
    UsageError,
)
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import B3os, Simulator, faults
from datacoves_usage_provider.simulator.b3os_usage import Run
from datacoves_usage_provider.simulator.exchange import Response
from tests.support.truth import days, read_all, read_records, truth

START = date(2025, 3, 1)
ASKED = UsageQuery(days(START, 40))
ONE_DAY = UsageQuery(days(START, 1))
INSIDE = r"returned [45]\d\d \(an error in a response with status 200\): “.*"


@pytest.fixture
def conn_type() -> str:
    return "b3os"


def code_style(code, message="Too bad.") -> faults.Edit:
    return faults.Edit(lambda _: {"code": code, "data": None, "message": message, "requestId": "req_77"})


def success_style(code, message="Too bad.") -> faults.Edit:
    return faults.Edit(lambda _: {"success": False, "error": {"message": message, "code": code}})


def to_milliseconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp() * 1000)


def test_each_day_is_requested_once_with_the_organizations_header(api, simulator, reader):
    read_all(reader, ASKED)
    asked = sorted((int(request.query["from"]), int(request.query["to"])) for request in simulator.requests)
    assert asked == [(to_milliseconds(day), to_milliseconds(day) + 86_400_000 - 1) for day in ASKED.window.days]
    assert {request.headers["X-Org-Id"] for request in simulator.requests} == {api.organization_id}


def test_a_workflow_is_a_resource_with_its_name_and_two_records(api, reader):
    records = read_records(reader, ONE_DAY)
    assert {record.resource_id: record.resource_name for record in records} == {w.id: w.name for w in api.workflows}
    assert len(records) == 2 * len(api.workflows)
    assert {record.sub_account_id for record in records} == {api.organization_id}


class LastMillisecond(B3os):
    """Each workflow runs twice a day: at its last millisecond, and at the one before."""

    def runs(self, workflow_id: str, day: date) -> tuple[Run, ...]:
        midnight = to_milliseconds(day) + 86_400_000
        return Run(midnight - 2, Decimal(2)), Run(midnight - 1, Decimal(4))


@pytest.mark.parametrize("to_inclusive", [False, True])
def test_p3_only_the_last_millisecond_of_a_day_is_open(make_reader, to_inclusive):
    api = LastMillisecond(to_inclusive=to_inclusive)
    with Simulator(api) as other:
        found = read_all(make_reader(url=other.url), ONE_DAY)
    expected = {"Compute Units": 6, "Runs": 2} if to_inclusive else {"Compute Units": 2, "Runs": 1}
    assert {(key.meter, amount.quantity) for key, amount in found.items()} == set(expected.items())


@pytest.mark.parametrize("make", [code_style, success_style])
@pytest.mark.parametrize("code", [408, 429, 500, 503])
def test_p9_what_may_pass_inside_200_is_tried_again(api, simulator, reader, sleeps, make, code):
    simulator.faults.extend([make(code)] * 3)
    assert read_all(reader, ONE_DAY) == truth(api, ONE_DAY)
    assert len(sleeps) == 3
    simulator.faults.extend([make(code)] * 5)
    with pytest.raises(UsageApiUnavailableError, match=f"{INSIDE}Too bad.”.*Gave up after 5 tries"):
        read_all(reader, ONE_DAY)


@dataclass(frozen=True)
class RetryAfter:
    """What ``fault`` makes of the response, with the header ``Retry-After``."""

    fault: faults.Fault
    seconds: int

    def spoil(self, response: Response) -> Response:
        spoiled = self.fault.spoil(response)
        return replace(spoiled, headers={**spoiled.headers, "Retry-After": str(self.seconds)})


@pytest.mark.parametrize("make", [code_style, success_style])
def test_p9_retry_after_of_an_error_inside_200_is_honoured(simulator, reader, sleeps, make):
    simulator.faults.append(RetryAfter(make(429), 17))
    assert read_all(reader, ONE_DAY)
    assert sleeps == [17]
    simulator.faults.append(RetryAfter(make(429), 3600))
    with pytest.raises(UsageApiUnavailableError, match="Too bad.*before 20.*That is too long"):
        read_all(reader, ONE_DAY)
    assert sleeps == [17]


@pytest.mark.parametrize("make", [code_style, success_style])
@pytest.mark.parametrize("code", [1, -1, 400, 404, 1003, 600])
def test_p8_any_other_error_inside_200_is_final_and_quotes_the_vendor(simulator, reader, sleeps, make, code):
    simulator.faults.append(make(code))
    with pytest.raises(UsageApiError, match=f"{INSIDE}Too bad.”") as raised:
        read_all(reader, ONE_DAY)
    assert ("requestId req_77: Too bad." in str(raised.value)) == (make is code_style)
    assert sleeps == []


@pytest.mark.parametrize("code", ["quota", None, True, 4.5, {}, [401]])
def test_p8_an_error_whose_code_is_not_a_number_is_final(simulator, reader, sleeps, code):
    simulator.faults.append(success_style(code))
    with pytest.raises(UsageApiError, match="Too bad."):
        read_all(reader, ONE_DAY)


@pytest.mark.parametrize(
    "error", ["quota exceeded", ["quota exceeded"], {"reason": "quota exceeded"}, {"message": ["quota exceeded"]}]
)
def test_p8_an_error_of_any_shape_is_final_and_quotes_the_vendor(simulator, reader, sleeps, error):
    simulator.faults.append(faults.Edit(lambda _: {"success": False, "error": error}))
    with pytest.raises(UsageApiError, match=f"{INSIDE}quota exceeded"):
        read_all(reader, ONE_DAY)


@pytest.mark.parametrize("data", [{}, [], "", 0, False, {"workflows": None}, {"workflows": []}])
@pytest.mark.parametrize("make", [code_style, success_style])
def test_p8_p9_an_error_counts_whatever_its_data_is(api, simulator, make_reader, sleeps, make, data):
    def fail(code: int) -> faults.Edit:
        return faults.Edit(lambda body: make(code).change(body) | {"data": data})

    simulator.faults.append(fail(1003))
    with pytest.raises(UsageApiError, match=f"{INSIDE}Too bad.”"):
        read_all(make_reader(), ONE_DAY)
    simulator.faults.append(fail(503))
    assert read_all(make_reader(), ONE_DAY) == truth(api, ONE_DAY)
    assert len(sleeps) == 1


def test_p9_the_code_of_the_response_counts_where_its_error_has_none(simulator, reader, sleeps):
    simulator.faults.append(faults.Edit(lambda _: {"code": 429, "error": {"message": "Too many."}}))
    assert read_all(reader, ONE_DAY)
    assert len(sleeps) == 1


@pytest.mark.parametrize("body", [{"success": False, "error": "x" * 1000}, {"message": "x" * 1000}])
def test_p8_long_words_of_the_vendor_are_shortened(simulator, reader, sleeps, body):
    simulator.faults.append(faults.Edit(lambda _: body))
    with pytest.raises(UsageError, match="xxx…”|xxx…:") as raised:
        read_all(reader, ONE_DAY)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize("error", [None, "", {}, [], 0])
def test_an_error_that_says_nothing_is_not_an_error(api, simulator, reader, error):
    simulator.faults.append(faults.Edit(lambda body: body | {"error": error}))
    assert read_all(reader, ONE_DAY) == truth(api, ONE_DAY)


@pytest.mark.parametrize("make", [code_style, success_style])
@pytest.mark.parametrize("code", [401, 403])
def test_p8_a_rejected_key_inside_200_names_the_connection_and_the_keys_place(simulator, reader, sleeps, make, code):
    simulator.faults.append(make(code))
    with pytest.raises(UsageConfigError, match="Connection 'b3os_default'.*Too bad.*password field") as raised:
        read_all(reader, ONE_DAY)
    assert "organization_id" in str(raised.value)


@pytest.mark.parametrize("success", [False, True])
@pytest.mark.parametrize("inside", [False, True])
def test_p8_the_apis_own_error_responses_quote_message_and_request_id(api, make_reader, success, inside):
    api.success_style, api.errors_inside_200 = success, inside
    with pytest.raises(UsageConfigError, match="Invalid API token") as raised:
        read_all(make_reader(key="another-key"), ONE_DAY)
    assert ("requestId req_0000" in str(raised.value)) != success


def test_p8_the_error_of_a_forbidden_key_names_the_organizations_id(simulator, reader):
    simulator.faults.append(faults.Status(403))
    with pytest.raises(UsageConfigError, match="403.*password field, and that its extra 'organization_id' is the id"):
        read_all(reader, ONE_DAY)


@pytest.mark.parametrize("body", [{}, {"code": 0}, {"success": True, "data": None}, {"code": 0, "message": "odd"}])
def test_p8_a_response_without_data_is_an_error(simulator, reader, body):
    simulator.faults.append(faults.Edit(lambda _: body))
    with pytest.raises(UsageDataError, match="field 'data', is null|missing required field `data`"):
        read_all(reader, ONE_DAY)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"code": "0", "data": {"workflows": []}}, "field 'code'"),
        ({"success": "true", "data": {"workflows": []}}, "field 'success'"),
        ({"code": 0, "data": {}}, "missing required field `workflows`"),
        ({"code": 0, "data": {"workflows": None}}, "the whole response, field 'data', field 'workflows', is null: Exp"),
        ({"code": 0, "data": {"workflows": [5]}}, "record 0 is 5: Expected"),
        (
            {"code": 0, "data": {"workflows": [{"workflowId": 5}]}},
            "record 0, field 'workflowId', is 5: Expected",
        ),
        ({"code": 0, "data": []}, "field 'data'"),
    ],
)
def test_p12_an_envelope_of_another_shape_is_an_error(simulator, reader, body, words):
    simulator.faults.append(faults.Edit(lambda _: body))
    with pytest.raises(UsageDataError, match=words):
        read_all(reader, ONE_DAY)


def test_p8_an_organization_without_workflows_has_no_usage(api, reader):
    api.workflows = ()
    assert read_all(reader, ASKED) == {}
