"""P17: a day's shares add up to its bill in the tables, and follow it."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from datacoves_usage_provider.allocation.day import AllocatedShare, Bill, find_unequal_days
from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.warehouse.tables import make_tables
from tests.support.metadata import Metadata, add_worked_day

TODAY = ("2026-11-04", "airflow")


def read_shares(warehouse, service: str = "airflow") -> dict[tuple[str, str], Decimal]:
    rows = warehouse.query(
        "SELECT charge_period_start, allocated_resource_id, consumed_quantity FROM usage_allocation "
        "WHERE service_name = :service",
        service=service,
    )
    return {(str(day)[-2:], dag_id): Decimal(str(quantity)) for day, dag_id, quantity in rows}


def read_reconciliations(warehouse) -> list[tuple[object, ...]]:
    rows = warehouse.query(
        "SELECT charge_period_start, consumed_quantity, x_lower_bound, x_upper_bound, x_status, x_pods, "
        "x_startup_seconds_per_pod FROM usage_reconciliation ORDER BY charge_period_start"
    )
    return [(str(day)[-2:], *(_to_number(value) for value in values)) for day, *values in rows]


def _to_number(value: object) -> object:
    return value if value is None or isinstance(value, str) else float(value)


@pytest.mark.parametrize("shape", ["2", "3"])
def test_p17_the_worked_example_from_both_majors_tables_to_the_warehouse(shape, make_metadata, bill, allocate):
    metadata = make_metadata(shape)
    add_worked_day(metadata)
    metadata.name_owners({"load": "ingest", "report": "zoe, Ana", "nightly": ""})
    metadata.tag({"load": ["team:data", "daily"], "report": ["team:bi", "team:a"]})
    bill({TODAY: 12, ("2026-11-04", "airbyte"): 30})
    returned = allocate()
    assert returned == {
        "service_provider_name": "Datacoves",
        "billing_account_id": "acme",
        "sub_account_id": "abc123",
        "window": {"start": "2026-11-04", "end": "2026-11-05"},
        "billed": "12",
        "dags": [
            {"dag_id": "load", "consumed_quantity": "6.21", "x_pods": 2},
            {"dag_id": "report", "consumed_quantity": "1.87", "x_pods": 2},
            {"dag_id": "nightly", "consumed_quantity": "1.67", "x_pods": 0},
        ],
        "unattributed": "2.25",
        "status": {"above": 1},
        "days": 1,
    }
    assert json.loads(json.dumps(returned)) == returned
    rows = metadata.warehouse.query(
        "SELECT service_name, allocated_resource_id, x_owners, x_team, allocated_tags, allocated_method_id, "
        "x_execution_quantity, x_startup_quantity, x_pods, consumed_unit, x_conn_id, x_dag_id, sku_meter "
        "FROM usage_allocation ORDER BY service_name, allocated_resource_id"
    )
    common = ("Minutes", "usage_warehouse", "usage_allocation_daily", "Worker Minutes")
    method = "execution-plus-startup-v1"
    assert [tuple(map(_to_text, row)) for row in rows] == [
        ("airbyte", "", "", "", "{}", method, None, None, "0", *common),
        ("airflow", "", "", "", "{}", method, None, None, "0", *common),
        (
            "airflow",
            "load",
            "ingest",
            "data",
            '{"daily": true, "team:data": true}',
            method,
            "4.67",
            "1.54",
            "2",
            *common,
        ),
        ("airflow", "nightly", "", "", "{}", method, "1.67", "0", "0", *common),
        (
            "airflow",
            "report",
            "Ana, zoe",
            "a, bi",
            '{"team:a": true, "team:bi": true}',
            method,
            "0.34",
            "1.53",
            "2",
            *common,
        ),
    ]
    assert read_shares(metadata.warehouse, "airbyte") == {("04", ""): 30}
    assert read_reconciliations(metadata.warehouse) == [("04", 12, 6.33, 9.75, "above", 4, 80)]


def _to_text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else f"{float(value):g}"


def test_p17_a_day_is_cut_at_midnight_utc(make_metadata, bill, allocate):
    metadata = make_metadata("3")
    add_worked_day(metadata)
    bill({("2026-11-03", "airflow"): 2, TODAY: 9})
    returned = allocate(lookback_days=1)
    assert (returned["billed"], returned["days"], returned["status"]) == ("9", 2, {"within": 2})
    shares = read_shares(metadata.warehouse)
    assert shares["03", "nightly"] == 2
    assert shares["04", "nightly"] == Decimal("1.67")
    assert sum(quantity for (day, _), quantity in shares.items() if day == "04") == 9


@pytest.mark.parametrize(
    ("catch_up", "allocated"), [pytest.param(3, {"01", "02", "03"}, id="within"), pytest.param(1, {"03"}, id="beyond")]
)
def test_p17_days_that_were_never_allocated_are_caught_up(catch_up, allocated, make_metadata, bill, allocate):
    make_metadata("2")
    bill({(f"2026-11-0{day}", "airflow"): day for day in range(1, 5)})
    returned = allocate(catch_up_days=catch_up)
    assert returned["days"] == len(allocated) + 1


def test_p17_a_restated_bill_is_allocated_again_and_others_are_not_touched(make_metadata, bill, allocate):
    metadata = make_metadata("3")
    add_worked_day(metadata)
    bill({("2026-11-03", "airflow"): 2, TODAY: 9, ("2026-11-05", "airflow"): 1})
    allocate(run_after="2026-11-06", lookback_days=2)
    bill({TODAY: 12})
    before = read_loaded(metadata.warehouse)
    assert allocate(run_after="2026-11-06", catch_up_days=31)["days"] == 2
    after = read_loaded(metadata.warehouse)
    assert sum(quantity for (day, _), quantity in read_shares(metadata.warehouse).items() if day == "04") == 12
    assert [day for day in after if before[day] == after[day]] == ["03"]


def read_loaded(warehouse) -> dict[str, object]:
    rows = warehouse.query("SELECT charge_period_start, max(x_loaded_at) FROM usage_allocation GROUP BY 1")
    return {str(day)[-2:]: moment for day, moment in rows}


def test_p17_a_bill_that_vanished_takes_its_allocation_along(make_metadata, bill, allocate):
    metadata = make_metadata("3")
    add_worked_day(metadata)
    bill({("2026-11-03", "airflow"): 2, TODAY: 9, ("2026-11-04", "airbyte"): 5, ("2026-11-05", "airflow"): 1})
    allocate(run_after="2026-11-06", lookback_days=2)
    bill({("2026-11-03", "airflow"): None, TODAY: None, ("2026-11-04", "airbyte"): 5})
    assert allocate(run_after="2026-11-06", catch_up_days=31)["days"] == 2
    assert {day for day, _ in read_shares(metadata.warehouse)} == {"05"}
    assert read_shares(metadata.warehouse, "airbyte") == {("04", ""): 5}
    assert [row[0] for row in read_reconciliations(metadata.warehouse)] == ["05"]


def test_p17_catching_up_ends_when_all_adds_up(make_metadata, bill, allocate):
    add_worked_day(make_metadata("2"))
    bill({("2026-11-02", "airflow"): 0, ("2026-11-03", "airbyte"): 2, TODAY: 9})
    assert allocate(catch_up_days=31)["days"] == 3
    assert allocate(catch_up_days=31)["days"] == 1


def test_p17_the_same_run_again_leaves_the_same_rows(make_metadata, bill, allocate):
    metadata = make_metadata("2")
    add_worked_day(metadata)
    bill({TODAY: 12})
    first = allocate(), read_shares(metadata.warehouse), read_reconciliations(metadata.warehouse)
    assert (allocate(), read_shares(metadata.warehouse), read_reconciliations(metadata.warehouse)) == first


def test_p17_other_environments_accounts_and_days_are_untouched(make_metadata, bill, allocate):
    metadata = make_metadata("2")
    add_worked_day(metadata)
    bill({TODAY: 9})
    bill({TODAY: 4, ("2026-11-04", "airbyte"): 6}, environment="other")
    bill({TODAY: 5}, account="second", environment="other")
    allocate(sub_account_id="other", billing_account_id="second")
    allocate(sub_account_id="other", billing_account_id="acme")
    allocate()
    allocate()
    rows = metadata.warehouse.query(
        "SELECT billing_account_id, sub_account_id, sum(consumed_quantity) FROM usage_allocation "
        "GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert [(account, environment, float(total)) for account, environment, total in rows] == [
        ("acme", "abc123", 9),
        ("acme", "other", 10),
        ("second", "other", 5),
    ]


def test_p17_a_day_whose_tasks_were_cleaned_away_keeps_its_shares(make_metadata, bill, allocate, printed):
    metadata = make_metadata("2")
    add_worked_day(metadata)
    bill({TODAY: 9, ("2026-11-04", "airbyte"): 5})
    allocate()
    before = read_shares(metadata.warehouse)
    for table in ("task_instance", "task_instance_history"):
        metadata.warehouse.query(f"DELETE FROM {table}")
    bill({TODAY: 12, ("2026-11-04", "airbyte"): 6})
    printed()
    returned = allocate()
    assert read_shares(metadata.warehouse) == before
    assert read_shares(metadata.warehouse, "airbyte") == {("04", ""): 6}
    assert len(read_reconciliations(metadata.warehouse)) == 1
    assert (returned["billed"], returned["unattributed"], returned["status"], returned["days"]) == ("12", "0", {}, 0)
    assert [dag["dag_id"] for dag in returned["dags"]] == ["load", "nightly", "report"]
    (warning,) = [line for line in printed() if "no task of this day is found any more" in line]
    assert "They add up to 9, and the bill is now 12." in warning


def test_p17_without_a_bill_the_sums_are_null(make_metadata, bill, allocate):
    add_worked_day(make_metadata("2"))
    bill({("2026-11-01", "airflow"): 9, ("2026-11-04", "airbyte"): 5})
    returned = allocate()
    assert (returned["billed"], returned["dags"], returned["unattributed"]) == (None, None, None)
    assert (returned["status"], returned["days"]) == ({}, 1)


def test_p17_without_pods_the_method_says_so_and_nothing_is_reconciled(make_metadata, bill, allocate):
    metadata = make_metadata("2")
    add_worked_day(metadata)
    bill({TODAY: 12, ("2026-11-04", "airbyte"): 5})
    allocate()
    assert len(read_reconciliations(metadata.warehouse)) == 1
    returned = allocate(pod_per_task="false")
    assert returned["status"] == {}
    assert read_reconciliations(metadata.warehouse) == []
    assert read_shares(metadata.warehouse) == {
        ("04", "load"): Decimal("8.40"),
        ("04", "report"): Decimal("0.60"),
        ("04", "nightly"): 3,
    }
    rows = metadata.warehouse.query(
        "SELECT DISTINCT allocated_method_id, x_execution_quantity, x_startup_quantity FROM usage_allocation"
    )
    assert rows == [("run-time-share-v1", None, None)]


def test_p17_the_account_stays_with_the_connection_that_loads_it(make_metadata, bill, allocate):
    metadata = make_metadata("2")
    bill({TODAY: 9})
    allocate()
    assert metadata.warehouse.query("SELECT x_conn_id FROM usage_account") == [("acme_conn",)]
    bill({TODAY: 10})


def test_p17_only_the_twenty_largest_dags_are_returned(make_metadata, bill, allocate):
    metadata = make_metadata("2")
    for number in range(25):
        metadata.add_tries(
            {
                "dag_id": f"dag_{number:02}",
                "queued_dttm": "01:00",
                "start_date": "01:00",
                "end_date": f"01:00:{30 + number // 2}",
            }
        )
    bill({TODAY: 30})
    dags = allocate()["dags"]
    assert [dag["dag_id"] for dag in dags[:3]] == ["dag_24", "dag_22", "dag_23"]
    assert len(dags) == 20


def test_p17_a_month_is_read_in_parts(make_metadata, bill, allocate):
    metadata = make_metadata("3")
    metadata.add_tries(
        {"queued_dttm": "2026-09-30 23:59", "start_date": "2026-09-30 23:59", "end_date": "2026-10-31 12:00"}
    )
    bill({(f"2026-10-{day:02}", "airflow"): 24 * 60 for day in range(1, 31)} | {("2026-10-31", "airflow"): 12 * 60})
    returned = allocate(period="month", run_after="2026-11-03")
    assert returned["window"] == {"start": "2026-10-01", "end": "2026-11-01"}
    assert (returned["days"], returned["unattributed"], returned["status"]) == (31, "0", {"within": 31})
    assert returned["dags"] == [{"dag_id": "load", "consumed_quantity": str((30 * 24 + 12) * 60), "x_pods": 0}]
    assert len(read_shares(metadata.warehouse)) == 31


def test_p17_tables_of_another_database_are_read(warehouse, bill, allocate, tmp_path, monkeypatch):
    from tests.support.warehouse import WarehouseDatabase

    path = tmp_path / "airflow.db"
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", json.dumps({"conn_type": "sqlite", "host": str(path)}))
    add_worked_day(Metadata(WarehouseDatabase("other", "sqlite", f"sqlite:///{path}"), "3"))
    bill({TODAY: 9})
    assert allocate(airflow_conn_id="other")["status"] == {"within": 1}
    assert warehouse.query("SELECT DISTINCT x_conn_id FROM usage_allocation") == [("other",)]


def test_p17_names_in_any_script(make_metadata, bill, allocate):
    metadata = make_metadata("3")
    metadata.add_tries({"dag_id": "данные.日本-é", "queued_dttm": "01:00", "start_date": "01:00", "end_date": "01:01"})
    metadata.name_owners({"данные.日本-é": "Ωμέγα, 李"})
    metadata.tag({"данные.日本-é": ["team:数据"]})
    bill({TODAY: 1})
    allocate()
    assert metadata.warehouse.query(
        "SELECT allocated_resource_id, x_owners, x_team, allocated_tags FROM usage_allocation"
    ) == [("данные.日本-é", "Ωμέγα, 李", "数据", '{"team:数据": true}')]


def test_p17_only_worker_minutes_of_datacoves_without_a_resource_are_the_bill(make_metadata, bill, allocate):
    metadata = make_metadata("3")
    bill({TODAY: 12})
    columns = [column.name for column in make_tables(None).daily.columns]
    for change in (
        {"resource_id": "'r1'"},
        {"sku_meter": "'X Minutes'"},
        {"sku_meter": "'X Minutes'", "sub_account_id": "'other'"},
        {"service_provider_name": "'Other'", "billing_account_id": "'other'"},
    ):
        changed = {"consumed_quantity": "5", **change}
        metadata.warehouse.query(
            f"INSERT INTO usage_daily ({', '.join(columns)}) SELECT {', '.join(changed.get(n, n) for n in columns)} "
            "FROM usage_daily WHERE resource_id = '' AND sku_meter = 'Worker Minutes' "
            "AND service_provider_name = 'Datacoves'"
        )
    assert allocate()["billed"] == "12"
    assert read_shares(metadata.warehouse) == {("04", ""): 12}
    with pytest.raises(AirflowFailException, match="usage_daily has no Worker Minutes of sub_account_id 'other'"):
        allocate(sub_account_id="other")


def test_p17_a_day_is_equal_only_if_all_of_its_rows_add_up_to_the_last_decimal():
    day, large, small = date(2026, 11, 4), Decimal("9" * 19), Decimal("0.000000000000000001")
    bills = {day: {"airflow": Bill(Decimal(f"{'9' * 19}.{'0' * 17}1"), "Minutes")}}
    rows = [AllocatedShare(day, "airflow", dag_id, quantity, 0) for dag_id, quantity in (("a", large), ("b", small))]
    assert find_unequal_days(bills, rows) == set()
    assert find_unequal_days(bills, [*rows, rows[1]._replace(dag_id="c")]) == {day}
    assert find_unequal_days(bills, rows[:1]) == find_unequal_days(bills, ()) == find_unequal_days({}, rows) == {day}


def test_p17_day_of_the_rows(make_metadata, bill, allocate):
    metadata = make_metadata("3")
    bill({TODAY: 1})
    allocate()
    ((day, month),) = metadata.warehouse.query("SELECT charge_period_start, billing_period_start FROM usage_allocation")
    assert (str(day), str(month)) == ("2026-11-04", str(date(2026, 11, 1)))
