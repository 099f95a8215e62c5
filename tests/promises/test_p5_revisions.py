"""P5: what a load changed and removed is counted, warned of and kept; an account is loaded through one connection."""

from __future__ import annotations

import json
from datetime import date

import pytest

from datacoves_usage_provider.compat import AirflowFailException
from tests.support.truth import loaded
from tests.support.usage import minutes_of

WINDOW = {"start": "2026-11-10", "end": "2026-11-13"}
DAY = date(2026, 11, 11)
REVISIONS = """
SELECT sub_account_id, service_name, charge_period_start, x_consumed_quantity_before, x_consumed_quantity_after
FROM usage_revision ORDER BY x_loaded_at, 1, 2, 3
"""


def revisions(warehouse) -> list[tuple]:
    return [(*row[:2], str(row[2]), *row[3:]) for row in warehouse.query(REVISIONS)]


def test_p5_first_loads_are_not_revisions(collect, warehouse):
    collect(**WINDOW)
    collect(**WINDOW)
    assert revisions(warehouse) == []


def test_p5_added_changed_and_removed_rows_are_counted_and_kept(api, collect, warehouse):
    for minutes, service in ((100, "airflow"), (50, "airbyte"), (None, "unknown")):
        api.restate("abc123", service, DAY, minutes)
    collect(**WINDOW)
    for minutes, service in ((101, "airflow"), (None, "airbyte"), (3, "unknown")):
        api.restate("abc123", service, DAY, minutes)
    counts = collect(**WINDOW)["loaded"]
    assert {name: counts[name] for name in ("added", "changed", "removed")} == {"added": 1, "changed": 1, "removed": 1}
    assert revisions(warehouse) == [
        ("abc123", "airbyte", str(DAY), 50, None),
        ("abc123", "airflow", str(DAY), 100, 101),
        ("abc123", "unknown", str(DAY), None, 3),
    ]


def test_p5_nothing_once_reported_is_lost(api, collect, warehouse):
    for minutes in (1, 2, None, 4):
        api.restate("abc123", "airflow", DAY, minutes)
        collect(**WINDOW)
    chain = [(before, after) for *_, before, after in revisions(warehouse)]
    assert chain == [(1, 2), (2, None), (None, 4)]


def test_p5_nothing_that_was_reported_is_lost_where_the_load_log_was_cut(api, collect, warehouse):
    api.restate("abc123", "airflow", DAY, 1)
    collect(**WINDOW)
    warehouse.query("DELETE FROM usage_load_log")
    api.restate("abc123", "airflow", DAY, 7)
    collect(**WINDOW)
    assert revisions(warehouse) == [("abc123", "airflow", str(DAY), 1, 7)]


def test_p5_a_first_load_of_a_wider_scope_is_not_a_revision(api, collect, warehouse):
    collect(**WINDOW, filters={"environment_slug": "abc123"})
    counts = collect(**WINDOW)["loaded"]
    assert counts["added"] > 0
    assert revisions(warehouse) == []


def test_p5_revisions_stay_within_what_was_requested(api, collect, warehouse):
    collect(**WINDOW)
    before = loaded(warehouse)
    api.restate("abc123", "airflow", DAY, 9999)
    api.restate("def456", "airflow", DAY, 9999)
    collect(**WINDOW, filters={"environment_slug": "def456"})
    assert [row[0] for row in revisions(warehouse)] == ["def456"]
    untouched = minutes_of("abc123", "airflow", DAY)
    assert loaded(warehouse)[untouched] == before[untouched]


def test_p5_a_sub_account_that_vanished_is_warned_of(api, collect, warehouse, printed):
    collect(**WINDOW)
    api.environments = ("abc123", "def456")
    printed()
    collect(**WINDOW)
    (warning,) = [line for line in printed() if "no longer has usage" in line]
    assert "'my-env'" in warning
    assert {row[0] for row in revisions(warehouse)} == {"my-env"}


def test_p5_an_account_of_another_connection_is_an_error_and_nothing_changes(
    api, simulator, collect, warehouse, monkeypatch
):
    collect(**WINDOW)
    before = [warehouse.query(f"SELECT * FROM {table}") for table in ("usage_daily", "usage_load_log", "usage_account")]
    connection = {"conn_type": "datacoves_billing", "host": simulator.billing_url, "password": api.key}
    connection["extra"] = {"billing_account_id": "a-project"}
    monkeypatch.setenv("AIRFLOW_CONN_RENAMED", json.dumps(connection))
    with pytest.raises(AirflowFailException, match="'datacoves_billing_default', not through 'renamed'"):
        collect(usage_conn_id="renamed", **WINDOW)
    after = [warehouse.query(f"SELECT * FROM {table}") for table in ("usage_daily", "usage_load_log", "usage_account")]
    assert after == before
    warehouse.query("UPDATE usage_account SET x_conn_id = 'renamed' WHERE billing_account_id = 'a-project'")
    assert collect(usage_conn_id="renamed", **WINDOW)["loaded"]["changed"] == 0
    with pytest.raises(AirflowFailException, match="'renamed', not through 'datacoves_billing_default'"):
        collect(**WINDOW)


def test_p5_a_renamed_connection_without_an_account_id_starts_a_new_account(
    api, simulator, collect, warehouse, monkeypatch
):
    collect(**WINDOW)
    connection = {"conn_type": "datacoves_billing", "host": simulator.billing_url, "password": api.key}
    monkeypatch.setenv("AIRFLOW_CONN_RENAMED", json.dumps(connection))
    collect(usage_conn_id="renamed", **WINDOW)
    accounts = warehouse.query("SELECT billing_account_id, x_conn_id FROM usage_account ORDER BY 1")
    assert accounts == [("a-project", "datacoves_billing_default"), ("renamed", "renamed")]
