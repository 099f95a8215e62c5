"""P12: records of other days stop the load; fields that are unknown, missing or wrong: tests/contract."""

from __future__ import annotations

import json

import pytest

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.simulator import faults
from tests.support.truth import loaded, query
from tests.support.usage import minutes_of

pytestmark = pytest.mark.usefixtures("in_turn")

ROW = {"environment_slug": "abc123", "service": "airflow", "date": "2026-11-10T08:00:00Z", "amount_minutes": 5}


@pytest.mark.parametrize("day", ["2026-11-08", "2026-11-13", "2025-11-10"])
def test_p8_a_response_about_other_days_is_an_error_and_not_no_usage(simulator, collect, warehouse, day):
    simulator.faults.extend([faults.Body(json.dumps([ROW | {"date": day}])), faults.Body("[]")])
    with pytest.raises(
        AirflowFailException,
        match=f"on {day}: only 2026-11-10 to 2026-11-11 was requested. None of the response was loaded",
    ):
        collect(start="2026-11-10", end="2026-11-12")
    assert warehouse.query("SELECT * FROM usage_load_log") == []


def test_p12_a_record_of_zero_is_a_row(api, collect, warehouse):
    asked = query("2026-11-10", "2026-11-11")
    (day,) = asked.window.days
    api.restate("abc123", "airflow", day, 0)
    api.restate("abc123", "airbyte", day, None)
    collect(start="2026-11-10", end="2026-11-11")
    assert loaded(warehouse)[minutes_of("abc123", "airflow", day)].quantity == 0
    assert minutes_of("abc123", "airbyte", day) not in loaded(warehouse)
