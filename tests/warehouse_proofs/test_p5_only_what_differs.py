"""P5: a load writes only what differs, which triggers, foreign keys and users' own columns see; and it does so fast."""

from __future__ import annotations

import time
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.warehouse import chunk_parts
from datacoves_usage_provider.warehouse.changes import LoadCounts
from tests.warehouse_proofs.loading import load, make_chunk, make_days, make_record, open_warehouse

DAYS = make_days(0, 2)
NAMES = ("", "\\", '"', '{"a",b}', "NULL", "tab\tline\n", "'; --", "%s :x {y}", "Société 日本語", "\x01\u2028")
WATCH = {
    "sqlite": [
        "CREATE TABLE seen (what TEXT, resource TEXT)",
        *(
            f"CREATE TRIGGER see_{what} AFTER {what} ON usage_daily "
            f"BEGIN INSERT INTO seen VALUES ('{what}', {row}.resource_id); END"
            for what, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
        ),
    ],
    "postgresql": [
        "CREATE TABLE seen (what TEXT, resource TEXT)",
        """CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS '
           BEGIN INSERT INTO seen VALUES (TG_OP, coalesce(NEW.resource_id, OLD.resource_id)); RETURN NULL; END'""",
        "CREATE TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON usage_daily FOR EACH ROW EXECUTE FUNCTION see()",
    ],
}
ROWS = "SELECT resource_id, consumed_quantity, resource_name, x_run_id, team FROM usage_daily ORDER BY 1"


def make_resources(**resources: Any) -> Any:
    """Return a chunk of resources, each a quantity or a tuple of it, cost, unit and name."""
    records = [
        make_record((DAYS[0], "dev", "airflow", name, "Meter 0"), *(row if isinstance(row, tuple) else (row,)))
        for name, row in resources.items()
    ]
    return make_chunk("an account", DAYS, Scope(), records)


@pytest.fixture
def opened(warehouse: Any) -> Any:
    opened = open_warehouse(warehouse.uri)
    opened.prepare()
    warehouse.query("ALTER TABLE usage_daily ADD COLUMN team TEXT")
    return opened


def test_p5_triggers_and_columns_of_ones_own_see_changes_and_nothing_else(opened, warehouse):
    load(opened, "first", make_resources(equal=1, changed=2, renamed=3, vanished=4))
    warehouse.query("UPDATE usage_daily SET team = resource_id")
    for statement in WATCH[warehouse.dialect]:
        warehouse.query(statement)
    second = make_resources(equal=1, changed=20, renamed=(3, None, "Minutes", "a name"), new=5)
    assert load(opened, "second", second).count() == LoadCounts(added=1, changed=1, removed=1)
    assert Counter(warehouse.query("SELECT what, resource FROM seen")) == Counter(
        [("INSERT", "new"), ("UPDATE", "changed"), ("UPDATE", "renamed"), ("DELETE", "vanished")]
    )
    assert warehouse.query(ROWS) == [
        ("changed", 20, "", "second", "changed"),
        ("equal", 1, "", "first", "equal"),
        ("new", 5, "", "second", None),
        ("renamed", 3, "a name", "second", "renamed"),
    ]
    assert load(opened, "third", second).count() == LoadCounts(0, 0, 0)
    assert warehouse.query("SELECT count(*) FROM seen") == [(4,)]
    assert {run for *_, run, _ in warehouse.query(ROWS)} == {"first", "second"}
    assert warehouse.query("SELECT count(*) FROM usage_revision") == [(3,)]


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p5_a_row_that_another_table_refers_to_may_change(opened, warehouse):
    key = "service_provider_name, billing_account_id, charge_period_start, sub_account_id, service_name, resource_id"
    load(opened, "first", make_resources(equal=1, changed=2))
    warehouse.query(f"CREATE TABLE note AS SELECT {key}, sku_meter FROM usage_daily")
    warehouse.query(f"ALTER TABLE note ADD FOREIGN KEY ({key}, sku_meter) REFERENCES usage_daily")
    assert load(opened, "second", make_resources(equal=1, changed=3)).count() == LoadCounts(0, 1, 0)


def test_p5_any_text_is_changed_and_deleted_as_it_is(opened, warehouse):
    first = {f"{number}{text}": number for number, text in enumerate(NAMES)}
    load(opened, "first", make_resources(**first))
    second = {key: (number + 1, None, "Minutes", NAMES[number]) for key, number in first.items()}
    assert load(opened, "second", make_resources(**second)).count() == LoadCounts(0, len(NAMES), 0)
    assert sorted(row[2] for row in warehouse.query(ROWS)) == sorted(NAMES)
    assert sorted(row[0] for row in warehouse.query(ROWS)) == sorted(first)
    assert load(opened, "third", make_resources(other=1)).count() == LoadCounts(1, 0, len(NAMES))
    assert [row[0] for row in warehouse.query(ROWS)] == ["other"]


def test_p5_money_comes_and_goes(opened, warehouse):
    load(opened, "first", make_resources(a=(1, Decimal("0.5")), b=1, c=1))
    assert load(opened, "second", make_resources(a=1, b=(1, Decimal("0.25")), c=1)).count() == LoadCounts(0, 2, 0)
    costs = warehouse.query("SELECT resource_id, effective_cost, billing_currency FROM usage_daily ORDER BY 1")
    assert costs == [("a", None, None), ("b", Decimal("0.25"), "USD"), ("c", None, None)]


def test_p5_several_rows_of_one_key_become_one(opened, warehouse):
    """Where keys are not enforced, someone may have made them."""
    load(opened, "first", make_resources(a=1, b=2))
    for view in ("usage_jump", "usage_monthly"):
        warehouse.query(f"DROP VIEW {view}")
    warehouse.drop_key("usage_daily")
    warehouse.query("INSERT INTO usage_daily SELECT * FROM usage_daily")
    assert load(opened, "second", make_resources(a=1, b=3)).count() == LoadCounts(0, 1, 0)
    assert [row[:2] for row in warehouse.query(ROWS)] == [("a", 1), ("b", 3)]


@pytest.mark.parametrize("parts", [1, 3])
def test_p5_large_chunks_are_written_in_parts_that_leave_nothing_out(opened, warehouse, monkeypatch, parts):
    days = make_days(0, 6)
    monkeypatch.setattr(chunk_parts, "_RECORDS_AT_ONCE", 6_000 // parts)

    def make(number: int) -> Any:
        keys = [(day, f"env {n}", "airflow", "", "Meter 0") for day in days[:-1] for n in range(number, 1_000)]
        return make_chunk("an account", days, Scope(), (make_record(key, number) for key in keys))

    assert load(opened, "0", make(0)).count() == LoadCounts(5_000, 0, 0)
    assert load(opened, "1", make(1)).count() == LoadCounts(0, 4_995, 5)
    assert load(opened, "0", make(0)).count() == LoadCounts(5, 4_995, 0)
    assert warehouse.query("SELECT count(*), sum(consumed_quantity) FROM usage_daily") == [(5_000, 0)]
    assert warehouse.query("SELECT count(*) FROM usage_load_log") == [(18,)]
    assert warehouse.query("SELECT count(*) FROM usage_revision") == [(10_000,)]


def test_p5_many_rows_are_restated_in_a_few_statements(opened, warehouse):
    """To change them one by one takes a round trip for each."""
    statements: list[str] = []
    watched = open_warehouse(warehouse.uri, statements.append)
    keys = [(DAYS[0], f"env {n}", "airflow", "", "Meter 0") for n in range(30_000)]
    seconds = []
    for number in (1, 2):
        statements.clear()
        begin = time.perf_counter()
        load(watched, str(number), make_chunk("an account", DAYS, Scope(), [make_record(key, number) for key in keys]))
        seconds.append(time.perf_counter() - begin)
    print(f"first load {seconds[0]:.2f} s, restated {seconds[1]:.2f} s")  # noqa: T201
    assert len([one for one in statements if one.startswith("UPDATE usage_daily")]) <= 6
