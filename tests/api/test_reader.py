"""From responses to checked chunks, whatever an API of one's own makes of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, time, timezone
from decimal import Decimal

import msgspec
import pytest

from datacoves_usage_provider.api.datacoves_billing import DatacovesBillingApi
from datacoves_usage_provider.exceptions import UsageApiUnavailableError, UsageDataError
from datacoves_usage_provider.simulator import faults
from tests.support.truth import query, read_all, read_records, truth

pytestmark = pytest.mark.usefixtures("in_turn")

ASKED = query("2026-11-10", "2026-11-12")
ROW = {"environment_slug": "abc123", "service": "airflow", "amount_minutes": 5}


def test_p12_rows_of_the_days_next_to_those_that_were_requested_are_dropped(simulator, reader):
    rows = [ROW | {"date": f"2026-11-{day:02}T23:59:59Z"} for day in range(9, 13)]
    simulator.faults.extend([faults.Body(json.dumps(rows)), faults.Body("[]")])
    records = read_records(reader, ASKED)
    assert [str(record.charge_period_start) for record in records] == ["2026-11-10", "2026-11-11"]


class MomentsApi(DatacovesBillingApi):
    """Its records have a moment where a day belongs."""

    def parse_response(self, request, body):
        page = super().parse_response(request, body)
        return replace(page, records=[self._at_noon(record) for record in page.records])

    def _at_noon(self, record):
        noon = datetime.combine(record.charge_period_start, time(12), timezone.utc)
        return msgspec.structs.replace(record, charge_period_start=noon)


def test_p8_records_with_a_moment_for_a_day_are_an_error(make_reader):
    """Compared with dates they would be in no window, which would look like no usage."""
    with pytest.raises(UsageDataError, match="charge_period_start is not a date"):
        read_all(make_reader(MomentsApi()), ASKED)


class MoneyApi(DatacovesBillingApi):
    """It knows what its minutes cost, but not in which currency."""

    def parse_response(self, request, body):
        page = super().parse_response(request, body)
        return replace(page, records=[self._add_cost(record) for record in page.records])

    def _add_cost(self, record):
        return msgspec.structs.replace(record, effective_cost=Decimal("0.25"))


def test_p15_money_without_a_currency_is_an_error(make_reader):
    """Each sum of money is of one currency, so it would be in none of them, and not be unpriced either."""
    with pytest.raises(UsageDataError, match="effective_cost is 0.25, but billing_currency is missing"):
        read_all(make_reader(MoneyApi()), ASKED)


class AnyValueApi(DatacovesBillingApi):
    """One field of its records has another type than a record says."""

    def __init__(self, field, value):
        self._change = {field: value}

    def parse_response(self, request, body):
        page = super().parse_response(request, body)
        return replace(page, records=[msgspec.structs.replace(record, **self._change) for record in page.records])


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("consumed_quantity", 5, "consumed_quantity is 5, which is not a Decimal"),
        ("consumed_quantity", 0.1, "consumed_quantity is 0.1, which is not a Decimal"),
        ("consumed_quantity", None, "consumed_quantity is None, which is not a Decimal"),
        ("effective_cost", "0.25", "effective_cost is '0.25', which is not a Decimal"),
        ("sub_account_id", None, "sub_account_id is of type NoneType. A column holds a str"),
        ("service_name", None, "service_name is of type NoneType. A column holds a str"),
        ("resource_id", None, "resource_id is of type NoneType. A column holds a str"),
    ],
)
def test_p8_a_value_of_another_type_names_its_field(make_reader, field, value, words):
    """It would be rounded, not be compared as equal, or be rejected by the database as if the table were wrong."""
    with pytest.raises(UsageDataError, match=words):
        read_all(make_reader(AnyValueApi(field, value)), ASKED)


class CoversWhatItSeesApi(DatacovesBillingApi):
    """It names the days of its records, one for each, and a day that was not requested."""

    def get_covered_days(self, window, records, now):
        return (window.end, *(record.charge_period_start for record in records))


def test_p7_each_day_of_the_window_is_covered_once_whatever_an_api_names(api, make_reader):
    """A day twice would be logged twice, and the rows of one that was not requested would be deleted."""
    assert len(truth(api, ASKED)) > len(ASKED.window.days)
    (chunk,) = make_reader(CoversWhatItSeesApi()).read(ASKED)
    assert chunk.days == ASKED.window.days


class LastDayIsOpenApi(DatacovesBillingApi):
    """It has rows of a day that it does not cover yet."""

    def get_covered_days(self, window, records, now):
        return window.days[:-1]


def test_p7_records_of_a_day_that_is_not_covered_are_not_in_the_chunk(api, make_reader):
    first, last = ASKED.window.days
    assert {key.day for key in truth(api, ASKED)} == {first, last}
    (chunk,) = make_reader(LastDayIsOpenApi()).read(ASKED)
    assert (chunk.days, chunk.missing_days) == ((first,), (last,))
    assert {record.charge_period_start for record in chunk.records} == {first}


def test_p12_a_value_that_is_not_documented_is_a_warning_of_the_chunk(simulator, reader):
    row = ROW | {"service": "dbt", "date": "2026-11-10"}
    simulator.faults.append(faults.Body(json.dumps([row, row])))
    (chunk,) = reader.read(ASKED)
    (warning,) = chunk.warnings
    assert "Datacoves reports service 'dbt', which its documentation does not list" in warning


def test_p4_nothing_is_requested_before_it_is_wanted(simulator, reader):
    chunks = reader.read(query("2025-01-01", "2025-06-01"))
    assert not simulator.requests
    next(chunks)
    assert len(simulator.requests) == 2


def test_p9_a_chunk_counts_its_own_requests_and_retries(simulator, reader, sleeps):
    simulator.faults.extend([faults.Status(503), faults.Status(503), None, None, None, faults.Status(503)])
    counts = [(chunk.requests, chunk.retries) for chunk in reader.read(query("2025-01-01", "2025-04-01"))]
    assert counts == [(4, 2), (3, 1), (2, 0)]


def test_p9_what_fails_in_every_try_is_unavailable(simulator, reader, sleeps):
    simulator.faults.extend([faults.Status(503)] * 5)
    with pytest.raises(UsageApiUnavailableError, match="Gave up after 5 tries"):
        read_all(reader, ASKED)
