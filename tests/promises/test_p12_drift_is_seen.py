"""P12: unknown fields are ignored; a missing or wrong one stops the load (see P8)."""

from __future__ import annotations

import json

from datacoves_usage_provider.simulator import faults
from tests.promises.truth import loaded, query, read_all, truth

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


def test_p12_rows_of_days_that_were_not_asked_for_are_dropped(simulator, hook):
    rows = [ROW | {"date": f"2026-11-{day:02}T23:59:59Z"} for day in range(1, 21)]
    simulator.faults.extend([faults.Body(json.dumps(rows)), faults.Body("[]")])
    records = hook.get_usage(query("2026-11-10", "2026-11-12"))
    assert [str(record.charge_period_start) for record in records] == ["2026-11-10", "2026-11-11"]


def test_p12_a_record_of_zero_is_a_row_and_no_record_is_none(api, collect, warehouse):
    asked = query("2026-11-10", "2026-11-11")
    (day,) = asked.window.days
    api.restate("abc123", "airflow", day, 0)
    api.restate("abc123", "airbyte", day, None)
    collect(start="2026-11-10", end="2026-11-11")
    assert loaded(warehouse)["abc123", "airflow", day] == 0
    assert ("abc123", "airbyte", day) not in loaded(warehouse)
