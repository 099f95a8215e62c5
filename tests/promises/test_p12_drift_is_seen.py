"""P12: unknown fields are ignored; a missing or wrong one stops the load (see P8)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, time, timezone

import msgspec
import pytest
from tests.promises.truth import loaded, query, read_all, truth

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook
from datacoves_usage_provider.simulator import faults

ROW = {"environment_slug": "abc123", "service": "airflow", "date": "2026-11-10T08:00:00Z", "amount_minutes": 5}


def test_p12_unknown_fields_are_ignored(simulator, hook):
    row = ROW | {"region": "eu", "cost": {"usd": 1.5}, "tags": [1, 2]}
    simulator.faults.extend([faults.Body(json.dumps([row])), faults.Body("[]")])
    (record,) = hook.get_usage(query("2026-11-10", "2026-11-11"))
    assert (record.sub_account_id, record.service_name, int(record.consumed_quantity)) == ("abc123", "airflow", 5)


def test_p12_rows_of_one_day_add_up(api, hook):
    api.rows_per_day = 3
    asked = query("2026-11-01", "2026-11-12")
    assert read_all(hook, asked) == truth(api, asked)


def test_p12_rows_of_the_days_next_to_those_that_were_asked_for_are_dropped(simulator, hook):
    rows = [ROW | {"date": f"2026-11-{day:02}T23:59:59Z"} for day in range(9, 13)]
    simulator.faults.extend([faults.Body(json.dumps(rows)), faults.Body("[]")])
    records = hook.get_usage(query("2026-11-10", "2026-11-12"))
    assert [str(record.charge_period_start) for record in records] == ["2026-11-10", "2026-11-11"]


@pytest.mark.parametrize("day", ["2026-11-08", "2026-11-13", "2025-11-10"])
def test_p8_an_answer_about_other_days_is_not_no_usage(simulator, collect, warehouse, day):
    simulator.faults.extend([faults.Body(json.dumps([ROW | {"date": day}])), faults.Body("[]")])
    with pytest.raises(AirflowFailException, match=f"on {day}: .*a day that was not asked for, but 2026-11-10 to"):
        collect(start="2026-11-10", end="2026-11-12")
    assert warehouse.query("SELECT * FROM usage_load_log") == []


class TimestampsHook(DatacovesBillingHook):
    """An API of a user's own whose records have a moment where a day belongs."""

    def parse_answer(self, request, body):
        page = super().parse_answer(request, body)
        return replace(page, records=[self._at_noon(record) for record in page.records])

    def _at_noon(self, record):
        noon = datetime.combine(record.charge_period_start, time(12), timezone.utc)
        return msgspec.structs.replace(record, charge_period_start=noon)


def test_p8_records_with_a_moment_for_a_day_are_not_no_usage(api, datacoves_conn):
    with pytest.raises(UsageDataError, match="charge_period_start is not a date"):
        list(TimestampsHook().get_usage(query("2026-11-10", "2026-11-12")))


def test_p12_a_record_of_zero_is_a_row_and_no_record_is_none(api, collect, warehouse):
    asked = query("2026-11-10", "2026-11-11")
    (day,) = asked.window.days
    api.restate("abc123", "airflow", day, 0)
    api.restate("abc123", "airbyte", day, None)
    collect(start="2026-11-10", end="2026-11-11")
    assert loaded(warehouse)["abc123", "airflow", day] == 0
    assert ("abc123", "airbyte", day) not in loaded(warehouse)
