"""P5: a load replaces exactly its chunk's rows, whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook
from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.support.truth import SERVICES, loaded, query, truth

pytestmark = pytest.mark.usefixtures("in_turn")

WINDOW = {"start": "2026-11-10", "end": "2026-11-15"}
DAY = date(2026, 11, 12)
EVERYTHING = "SELECT * FROM usage_daily ORDER BY 1, 2, 3, 5, 6, 8, 10"


def test_p5_an_environment_that_vanished_is_gone(api, collect, warehouse):
    collect(**WINDOW)
    api.environments = ("abc123",)
    collect(**WINDOW)
    assert {key.sub_account for key in loaded(warehouse)} == {"abc123"}


def restate_all(api, minutes):
    for environment in api.environments:
        for service in SERVICES:
            for day in query(**WINDOW).window.days:
                api.restate(environment, service, day, minutes)


@pytest.mark.parametrize(
    ("arguments", "is_replaced"),
    [
        ({"start": "2026-11-12", "end": "2026-11-13"}, lambda key: key.day == DAY),
        ({"filters": {"environment_slug": "def456"}}, lambda key: key.sub_account == "def456"),
        ({"filters": {"service": "airbyte"}}, lambda key: key.service == "airbyte"),
        (
            {"filters": {"environment_slug": ["abc123", "def456"], "service": ["airflow", "unknown"]}},
            lambda key: key.sub_account != "my-env" and key.service != "airbyte",
        ),
    ],
    ids=["day", "environment", "service", "both"],
)
def test_p5_what_was_not_requested_is_untouched(api, collect, warehouse, arguments, is_replaced):
    collect(**WINDOW)
    before = loaded(warehouse)
    restate_all(api, 7)
    collect(**(WINDOW | arguments))
    kept = {key: amount for key, amount in before.items() if not is_replaced(key)}
    replaced = {key: amount for key, amount in truth(api, query(**WINDOW)).items() if is_replaced(key)}
    assert loaded(warehouse) == kept | replaced


def test_p5_another_account_is_untouched(api, simulator, collect, warehouse, monkeypatch):
    collect(**WINDOW)
    connection = {"conn_type": "datacoves_billing", "host": simulator.billing_url, "password": api.key}
    monkeypatch.setenv("AIRFLOW_CONN_SECOND_PROJECT", json.dumps(connection))
    before = warehouse.query(EVERYTHING)
    restate_all(api, None)
    collect(usage_conn_id="second_project", **WINDOW)
    assert warehouse.query(EVERYTHING) == before
    restate_all(api, 5)
    collect(usage_conn_id="second_project", **WINDOW)
    accounts = warehouse.query("SELECT billing_account_id, count(*) FROM usage_daily GROUP BY 1 ORDER BY 1")
    assert accounts == [("a-project", len(before)), ("second_project", 45)]
    restate_all(api, 9)
    api.restate("abc123", "airflow", DAY, None)
    counts = collect(usage_conn_id="second_project", **WINDOW)["loaded"]
    assert (counts["changed"], counts["removed"]) == (44, 1)
    assert [row for row in warehouse.query(EVERYTHING) if "a-project" in row] == before


@pytest.mark.parametrize("fault", [faults.Status(400), faults.Body("[{}]"), faults.Html()], ids=repr)
@pytest.mark.parametrize("request_number", [0, 1])
def test_p5_nothing_is_deleted_before_all_of_the_chunk_is_there(simulator, collect, warehouse, fault, request_number):
    collect(**WINDOW)
    before = warehouse.query(EVERYTHING)
    simulator.faults.extend([None] * request_number + [fault])
    with pytest.raises(Exception, match=".+"):
        collect(**WINDOW)
    assert warehouse.query(EVERYTHING) == before


REJECT = {
    "sqlite": [
        """CREATE TRIGGER reject BEFORE INSERT ON usage_daily WHEN NEW.charge_period_start = '2026-11-14'
           BEGIN SELECT RAISE(ABORT, 'rejected'); END""",
    ],
    "postgresql": [
        "CREATE FUNCTION reject() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''rejected''; END'",
        """CREATE TRIGGER reject BEFORE INSERT ON usage_daily FOR EACH ROW
           WHEN (NEW.charge_period_start = '2026-11-14') EXECUTE FUNCTION reject()""",
    ],
}


@pytest.mark.parametrize("warehouse", ["sqlite", "postgres"], indirect=True)  # the databases that have triggers
def test_p5_a_load_that_fails_between_delete_and_insert_changes_nothing(api, collect, warehouse):
    collect(**WINDOW)
    before = warehouse.query(EVERYTHING)
    restate_all(api, 7)
    for statement in REJECT[warehouse.dialect]:
        warehouse.query(statement)
    with pytest.raises(Exception, match="rejected"):
        collect(**WINDOW)
    assert warehouse.query(EVERYTHING) == before


def test_p5_a_load_that_fails_after_delete_and_insert_changes_nothing(api, collect, warehouse):
    collect(**WINDOW)
    before = warehouse.query(EVERYTHING)
    restate_all(api, 7)
    opened = Warehouse.connect(warehouse.conn_id, None)
    (chunk,) = DatacovesBillingHook().read(query(**WINDOW))
    warehouse.query("DROP TABLE usage_revision")
    with pytest.raises(Exception, match=r"(?i)usage_revision"):
        opened.load(chunk, Provenance("datacoves_billing_default", "a_dag", "a_run"))
    assert warehouse.query(EVERYTHING) == before


def test_p5_a_day_that_the_server_did_not_cover_is_untouched(api, collect, warehouse):
    collect(**WINDOW)
    before = loaded(warehouse)
    (chunk,) = DatacovesBillingHook().read(query(**WINDOW))
    covered = tuple(day for day in chunk.days if day != DAY)
    changes = Warehouse.connect(warehouse.conn_id, None).load(
        replace(chunk, days=covered, records=()), Provenance("datacoves_billing_default", "a_dag", "a_run"), True
    )
    kept = {key: amount for key, amount in before.items() if key.day == DAY}
    assert loaded(warehouse) == kept
    assert changes.count().removed == len(before) - len(kept)


@pytest.mark.parametrize("warehouse", ["sqlite", "postgres"], indirect=True)  # the databases that enforce keys
def test_p5_the_database_itself_rejects_a_second_row_of_one_key(collect, warehouse):
    collect(**WINDOW)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        warehouse.query("INSERT INTO usage_daily SELECT * FROM usage_daily")
