"""P5: a response without any record never replaces days that have some, unless the task says that it may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk, VendorMonth
from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.exceptions import UsageConfigError, UsageDataError
from datacoves_usage_provider.operators.arguments import read_arguments
from datacoves_usage_provider.query import Coverage, Scope
from datacoves_usage_provider.warehouse import chunk_parts
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import UsageWindow
from tests.support.usage_api import CONN_ID
from tests.warehouse_proofs.loading import make_record

WINDOW = {"start": "2026-11-10", "end": "2026-11-12"}
ROWS = "SELECT charge_period_start, count(*) FROM usage_daily GROUP BY 1 ORDER BY 1"
LOG = "SELECT count(*) FROM usage_load_log"
GIVEN = {
    "usage_conn_id": "a_conn",
    **dict.fromkeys(("sql_conn_id", "schema", "start", "end", "filters")),
    "period": "day",
    "lookback_days": 0,
    "catch_up_days": 0,
}


@pytest.fixture
def emptied(api, collect, warehouse):
    """An API that was used on two days and then responds with nothing; the rows that there were, by day."""
    collect(**WINDOW)
    api.environments = ()
    return {str(day): count for day, count in warehouse.query(ROWS)}


def test_p5_an_outage_that_responds_with_nothing_wipes_nothing(emptied, collect, warehouse):
    before = warehouse.query("SELECT * FROM usage_daily ORDER BY 1, 2, 3, 5, 6, 8, 10")
    with pytest.raises(AirflowFailException) as caught:
        collect(**WINDOW)
    days = ", ".join(f"{day} ({count})" for day, count in emptied.items())
    assert f"usage_daily has {sum(emptied.values())} rows of {days}." in str(caught.value)
    assert f"Connection {CONN_ID!r}: a response about Datacoves account 'a-project' has no record" in str(caught.value)
    assert "allow_empty=True" in str(caught.value)
    assert warehouse.query("SELECT * FROM usage_daily ORDER BY 1, 2, 3, 5, 6, 8, 10") == before
    assert warehouse.query(LOG) == [(2,)]


@pytest.mark.parametrize("allowed", [True, "True", "true"])
def test_p5_what_the_task_allows_to_be_empty_is_emptied_and_kept_in_the_history(emptied, collect, warehouse, allowed):
    count = sum(emptied.values())
    assert collect(allow_empty=allowed, **WINDOW)["loaded"]["removed"] == count
    assert warehouse.query(ROWS) == []
    assert warehouse.query("SELECT count(*) FROM usage_revision") == [(count,)]


def test_p5_days_that_have_no_rows_may_stay_empty(api, collect, warehouse):
    api.environments = ()
    for _ in range(2):
        assert collect(**WINDOW)["loaded"]["days"] == 2
    assert warehouse.query(LOG) == [(4,)]


def test_p5_only_the_rows_that_would_be_replaced_count(emptied, api, collect, warehouse):
    assert collect(start="2026-11-12", end="2026-11-13")["loaded"]["records"] == 0
    ((day, count),) = warehouse.query(
        "SELECT charge_period_start, count(*) FROM usage_daily WHERE service_name = 'airflow' "
        "AND charge_period_start = '2026-11-10' GROUP BY 1"
    )
    with pytest.raises(AirflowFailException, match=rf"has {count} rows of {day} \({count}\)\."):
        collect(start="2026-11-10", end="2026-11-11", filters={"service": "airflow"})


SERVICES = ("airflow", "airbyte", "unknown")
DAYS = (date(2026, 11, 10), date(2026, 11, 11))
ALL_ROWS = "SELECT * FROM usage_daily ORDER BY 1, 2, 3, 5, 6, 8, 10"


@pytest.mark.parametrize(
    ("filters", "environments", "services", "gone"),
    [
        ({"environment_slug": ["abc123", "def456"]}, ["abc123"], SERVICES, "sub_account_id = 'abc123'"),
        (
            {"service": ["airflow", "airbyte"]},
            ["abc123", "def456", "my-env"],
            ["airbyte"],
            "service_name = 'airbyte'",
        ),
    ],
    ids=["an environment", "a service"],
)
def test_p5_one_response_of_several_that_has_nothing_wipes_nothing(
    api, collect, warehouse, filters, environments, services, gone
):
    collect(filters=filters, **WINDOW)
    before = warehouse.query(ALL_ROWS)
    ((count,),) = warehouse.query(f"SELECT count(*) FROM usage_daily WHERE {gone}")
    for environment, service, day in product(environments, services, DAYS):
        api.restate(environment, service, day, None)
    with pytest.raises(AirflowFailException, match=rf"has no record, but usage_daily has {count} rows of"):
        collect(filters=filters, **WINDOW)
    assert warehouse.query(ALL_ROWS) == before
    assert collect(filters=filters, allow_empty=True, **WINDOW)["loaded"]["removed"] == count > 0


def test_p5_minutes_that_move_from_unknown_to_a_service_are_no_outage(api, collect, warehouse):
    collect(**WINDOW)
    ((count,),) = warehouse.query("SELECT count(*) FROM usage_daily WHERE service_name = 'unknown'")
    for environment, day in product(api.environments, DAYS):
        api.restate(environment, "unknown", day, None)
    assert collect(**WINDOW)["loaded"]["removed"] == count > 0


@pytest.mark.parametrize("filters", [None, {"environment_slug": ["abc123", "def456"]}], ids=["all", "two of them"])
def test_p5_a_response_without_records_wipes_nothing_beside_unknown_minutes(api, collect, warehouse, filters):
    collect(filters=filters, **WINDOW)
    before = warehouse.query(ALL_ROWS)
    for environment, service, day in product(api.environments, SERVICES, DAYS):
        api.restate(environment, service, day, 60 if service == "unknown" else None)
    with pytest.raises(AirflowFailException, match="has no record"):
        collect(filters=filters, **WINDOW)
    assert warehouse.query(ALL_ROWS) == before
    collect(filters=filters, allow_empty=True, **WINDOW)
    assert collect(filters=filters, **WINDOW)["loaded"]["removed"] == 0


def test_p5_what_was_written_of_a_large_chunk_goes_if_a_later_part_would_be_emptied(
    api, collect, warehouse, monkeypatch
):
    monkeypatch.setattr(chunk_parts, "_RECORDS_AT_ONCE", 1)  # each day is a part
    filters = {"environment_slug": ["abc123", "def456"]}
    for service in SERVICES:
        api.restate("abc123", service, DAYS[0], None)
        api.restate("abc123", service, DAYS[1], 60)
    collect(filters=filters, **WINDOW)
    before = warehouse.query(ALL_ROWS)
    for service in SERVICES:
        api.restate("abc123", service, DAYS[1], None)
    api.restate("def456", "airflow", DAYS[0], 12345)
    with pytest.raises(AirflowFailException, match=rf"has 3 rows of {DAYS[1]} \(3\)\."):
        collect(filters=filters, **WINDOW)
    assert warehouse.query(ALL_ROWS) == before


def test_p5_many_empty_responses_of_a_month_are_checked(collect, warehouse):
    collect(**WINDOW)
    opened = Warehouse.connect(warehouse.conn_id, None)
    (row,) = warehouse.query("SELECT x_conn_id FROM usage_account")
    month = UsageWindow(date(2026, 11, 1), date(2026, 12, 1))
    names = (*(f"env-{number}" for number in range(1_000)), "abc123")
    record = make_record((DAYS[0], "env-0", "airflow", "", "Worker Minutes"), 1)
    chunk = UsageChunk(
        BillingAccount("Datacoves", "a-project"),
        month,
        month.days,
        Scope(names),
        (record,),
        requests=len(names),
        retries=0,
        empty=tuple(Coverage(month, Scope((name,))) for name in names[1:]),
    )
    provenance = Provenance(row[0], "a_dag", "a_run")
    with pytest.raises(UsageDataError, match="has no record"):
        opened.load(chunk, provenance)
    unused = replace(chunk, scope=Scope(names[:-1]), empty=chunk.empty[:-1])
    assert opened.load(unused, provenance).count().added == 1


def test_p5_a_vendors_month_without_figures_replaces_none(collect, warehouse):
    collect(**WINDOW)
    opened = Warehouse.connect(warehouse.conn_id, None)
    (row,) = warehouse.query("SELECT x_conn_id FROM usage_account")
    account, provenance = BillingAccount("Datacoves", "a-project"), Provenance(row[0], "a_dag", "a_run")
    warehouse.query(
        "INSERT INTO usage_vendor_month SELECT service_provider_name, billing_account_id, sub_account_id, "
        "service_name, resource_id, sku_meter, billing_period_start, max(consumed_quantity), max(consumed_unit), "
        "max(x_conn_id), max(x_dag_id), max(x_run_id), max(x_loaded_at) FROM usage_daily "
        "WHERE service_name = 'airflow' GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )
    (count,) = warehouse.query("SELECT count(*), min(billing_period_start) FROM usage_vendor_month")
    month = VendorMonth(account, date(2026, 11, 1), Scope(), ())
    with pytest.raises(UsageDataError, match=rf"usage_vendor_month has {count[0]} rows of 2026-11-01 \({count[0]}\)"):
        opened.load_month(month, provenance)
    opened.load_month(month, provenance, allow_empty=True)
    assert warehouse.query("SELECT count(*) FROM usage_vendor_month") == [(0,)]


@pytest.mark.parametrize(
    ("given", "read"),
    [(True, True), (False, False), ("True", True), ("false", False), ("", False), ("None", False), (None, False)],
)
def test_p5_allow_empty_may_be_text_as_templates_leave_it(given, read):
    assert read_arguments({**GIVEN, "allow_empty": given}).allow_empty is read


@pytest.mark.parametrize("given", ["yes", 1, [True]], ids=str)
def test_p5_allow_empty_is_not_guessed(given):
    with pytest.raises(UsageConfigError, match="allow_empty: must be true or false"):
        read_arguments({**GIVEN, "allow_empty": given})
