"""The task that brings rates and budgets from files into their tables."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from datacoves_usage_provider import SyncReferenceDataOperator
from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.cost.reference_data import read_files, replace_tables
from datacoves_usage_provider.cost.warehouse import CostWarehouse
from tests.support.costs import Used, prepare, write

RATES = "service_provider_name,sku_meter,pricing_unit,contracted_unit_price,billing_currency,sku_price_effective_start"
BUDGETS = "x_budget_name,x_amount,x_unit"


@pytest.fixture
def sync(warehouse, tmp_path):
    """Write files into the folder of a DAG and execute the operator for them."""

    def run(**contents: str | None) -> dict[str, int | None]:
        for what, content in contents.items():
            (tmp_path / f"{what}.csv").write_text(content)
        return execute(tmp_path, **{what: f"{what}.csv" for what in contents})

    return run


def execute(folder: Path, **arguments: object) -> dict[str, int | None]:
    operator = SyncReferenceDataOperator(task_id="sync", **arguments)
    return operator.execute({"dag": SimpleNamespace(fileloc=str(folder / "a_dag.py"))})


def read(warehouse, columns: str, table: str) -> list[tuple[object, ...]]:
    rows = warehouse.query(f"SELECT {columns} FROM {table} ORDER BY 1")
    return [tuple(None if value is None else str(value) for value in row) for row in rows]


def make_rate(price: str) -> str:
    return ",".join(["Datacoves", "Worker Minutes", "Minutes", price, "EUR", "2026-01-01"])


def test_each_file_replaces_its_table_and_a_table_without_file_stays(sync, warehouse):
    both = {"rates": f"{RATES}\n{make_rate('1')}\n", "budgets": f"{BUDGETS}\none,5,EUR\ntwo,6,Minutes\n"}
    assert sync(**both) == {"rates": 1, "budgets": 2}
    assert sync(budgets=f"{BUDGETS}\nthree,7,EUR\n") == {"rates": None, "budgets": 1}
    assert read(warehouse, "x_budget_name, sub_account_id, x_alert_rules", "usage_budget") == [
        ("three", "*", "used:80 used:100 forecast:110")
    ]
    assert read(warehouse, "billing_account_id, service_name, sku_price_effective_end", "usage_rate") == [
        ("*", "*", None)
    ]


def test_prices_are_kept_exactly_and_price_what_was_used(sync, warehouse):
    price = "0.0000001" if warehouse.dialect == "sqlite" else "0.123456789012345678"
    sync(rates=f"{RATES}\n{make_rate(price)}\n")
    assert [Decimal(value) for (value,) in read(warehouse, "contracted_unit_price", "usage_rate")] == [Decimal(price)]
    assert sync() == {"rates": None, "budgets": None}


def test_a_mistake_in_one_file_changes_neither_table(sync, warehouse):
    good = {"rates": f"{RATES}\n{make_rate('1')}\n", "budgets": f"{BUDGETS}\none,5,EUR\n"}
    sync(**good)
    with pytest.raises(AirflowFailException, match=r"^Mistakes in .*: budgets.csv line 2, x_amount: .*'x'\. No table "):
        sync(rates=f"{RATES}\n{make_rate('2')}\n", budgets=f"{BUDGETS}\none,x,EUR\n")
    assert [Decimal(value) for (value,) in read(warehouse, "contracted_unit_price", "usage_rate")] == [1]
    assert read(warehouse, "x_budget_name", "usage_budget") == [("one",)]


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_a_row_that_the_database_refuses_leaves_the_rows_of_before(sync, warehouse):
    sync(rates=f"{RATES}\n{make_rate('1')}\n")
    with pytest.raises(AirflowFailException, match="SQLite cannot hold .* usage_rate has the rows that it had before."):
        sync(rates=f"{RATES}\n{make_rate('0.123456789012345678')}\n")
    assert read(warehouse, "contracted_unit_price", "usage_rate") == [("1",)]


def test_what_may_be_a_slip_is_a_warning(sync, warehouse, printed):
    prepare(warehouse)
    rates = f"{RATES}\n{make_rate('1')}\n{make_rate('2').replace('EUR', 'EUE').replace('Worker Minutes', 'Minutes')}\n"
    budgets = f"{BUDGETS}\none,5,Hours\ntwo,6,EUR\n"
    sync(rates=rates, budgets=budgets)
    assert find_warnings(printed()) == ["rates.csv line 3: 'EUE' is not a currency that ISO 4217 lists."]
    write(warehouse, [Used(date(2026, 11, 1), Decimal(1))], [])
    sync(rates=rates, budgets=budgets)
    only = "only of 'Datacoves' 'Worker Minutes' in 'Minutes'."
    assert find_warnings(printed()) == [
        "rates.csv line 3: 'EUE' is not a currency that ISO 4217 lists.",
        f"rates.csv line 3: usage_daily has no rows of 'Datacoves' 'Minutes' in 'Minutes', {only}",
        f"budgets.csv line 2: usage_daily has no rows of '*' '*' in 'Hours', {only}",
    ]
    sync(rates=f"{RATES}\n")
    assert find_warnings(printed()) == ["rates.csv has no rows, so usage_rate is empty."]


def test_a_budget_of_money_for_a_meter_that_nothing_uses_is_told_without_a_unit(sync, warehouse, printed):
    prepare(warehouse)
    write(warehouse, [Used(date(2026, 11, 1), Decimal(1))], [])
    sync(budgets=f"{BUDGETS},sku_meter\none,5,EUR,Nothing\ntwo,5,EUR,Worker Minutes\n")
    (warning,) = find_warnings(printed())
    assert warning.startswith("budgets.csv line 2: usage_daily has no rows of '*' 'Nothing', only of 'Datacoves' ")


def test_a_meter_whose_days_do_not_add_up_is_told_to_have_no_price_and_no_budget(sync, warehouse, printed):
    prepare(warehouse)
    unique = Used(date(2026, 11, 1), Decimal(1), sku_meter="Unique Rows", consumed_unit="Rows", x_is_additive=False)
    write(warehouse, [unique], [])
    rate = make_rate("1").replace("Worker Minutes,Minutes", "Unique Rows,Rows")
    sync(rates=f"{RATES}\n{rate}\n", budgets=f"{BUDGETS}\none,5,Rows\n")
    told = "is a meter whose days do not add up: it has no price, and counts against no budget."
    assert find_warnings(printed()) == [
        f"rates.csv line 2: 'Datacoves' 'Unique Rows' in 'Rows' {told}",
        f"budgets.csv line 2: '*' '*' in 'Rows' {told}",
    ]
    write(warehouse, [unique, Used(date(2026, 11, 1), Decimal(1), sku_meter="Rows", consumed_unit="Rows")], [])
    sync(budgets=f"{BUDGETS}\none,5,Rows\n")
    assert find_warnings(printed()) == []


def test_a_list_of_meters_that_is_cut_says_how_many_more_there_are(sync, warehouse, printed):
    prepare(warehouse)
    write(warehouse, [Used(date(2026, 11, 1), Decimal(1), sku_meter=f"Meter {number:02}") for number in range(12)], [])
    sync(budgets=f"{BUDGETS}\none,5,Hours\n")
    (warning,) = find_warnings(printed())
    assert warning.endswith("'Datacoves' 'Meter 09' in 'Minutes', 2 more.")
    write(warehouse, [Used(date(2026, 11, 1), Decimal(1), sku_meter=f"Meter {number:02}") for number in range(10)], [])
    sync(budgets=f"{BUDGETS}\none,5,Hours\n")
    (warning,) = find_warnings(printed())
    assert warning.endswith("'Datacoves' 'Meter 09' in 'Minutes'.")


def find_warnings(lines: list[str]) -> list[str]:
    """Return the sentences alone: each Airflow major writes its own words around them."""
    sentence = r"((?:rates|budgets)\.csv (?:line|has) .+?\.)(?: +\[airflow.*)?$"
    return re.findall(sentence, "\n".join(lines), re.MULTILINE)


def test_the_log_says_what_was_read_and_how_it_was_separated(sync, printed):
    sync(rates=f"{RATES}\n{make_rate('1')}\n".replace(",", ";"), budgets=f"{BUDGETS}\none,5,EUR\n")
    log = "\n".join(printed())
    assert "rates.csv, separated by semicolons: usage_rate has its 1 row." in log
    assert "budgets.csv, separated by commas: usage_budget has its 1 row." in log


def test_paths_may_be_objects_or_absolute_and_empty_text_is_none(warehouse, tmp_path):
    path = tmp_path / "elsewhere.csv"
    path.write_text(f"{BUDGETS}\none,5,EUR\n")
    assert execute(tmp_path / "dags", budgets=path, rates=" ", schema="None") == {"rates": None, "budgets": 1}


def test_wrong_arguments_are_told_at_once(tmp_path):
    with pytest.raises(AirflowFailException, match="rates: must be text, not 1.5; sql_conn_id: is required"):
        execute(tmp_path, rates=1.5, sql_conn_id="")


def test_views_that_are_missing_are_made_again(sync, warehouse):
    sync()
    for view in ("usage_cost_monthly", "usage_cost_daily", "usage_jump"):
        warehouse.query(f"DROP VIEW {view}")
    sync()
    for view in ("usage_cost_monthly", "usage_cost_daily", "usage_jump"):
        assert warehouse.query(f"SELECT count(*) FROM {view}") == [(0,)]


def test_a_table_in_the_way_of_a_view_is_named(sync, warehouse):
    warehouse.query("CREATE TABLE usage_cost_daily (day DATE)")
    with pytest.raises(AirflowFailException, match="usage_cost_daily cannot hold usage: it is a table, not a view"):
        sync()


@pytest.mark.parametrize("warehouse", ["sqlite", "postgres"], indirect=True)  # fakesnow has no locks
def test_a_sync_that_meets_another_leaves_the_rows_of_the_later_one(sync, warehouse, tmp_path):
    sync(budgets=f"{BUDGETS}\nbefore,5,EUR\n")
    (tmp_path / "later.csv").write_text(f"{BUDGETS}\nlater,5,EUR\n")
    files = read_files(tmp_path, {"budgets": "later.csv"})
    later = CostWarehouse.connect(warehouse.conn_id, None)
    with ThreadPoolExecutor(1) as thread:
        with create_engine(warehouse.uri, poolclass=NullPool).begin() as connection:
            connection.execute(text("DELETE FROM usage_budget"))
            connection.execute(
                text("INSERT INTO usage_budget (x_budget_name, x_amount, x_unit) VALUES ('a', 1, 'EUR')")
            )
            waiting = thread.submit(replace_tables, later, files, logging.getLogger())
            assert wait([waiting], timeout=1).not_done
        assert waiting.result() == {"budgets": 1}
    assert read(warehouse, "x_budget_name", "usage_budget") == [("later",)]
