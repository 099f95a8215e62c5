"""A user starts the DAG of all services by hand, for a part of them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import pytest

from tests.ui.connection_types import ADVERITY, B3OS, CONNECTION_TYPES

DAG_ID = "usage_collect_daily"
PARAM = "usage_conn_ids"
CONN_IDS = [row.conn_id for row in CONNECTION_TYPES]
CHOSEN = [row.conn_id for row in (ADVERITY, B3OS)]


@pytest.fixture(scope="module")
def run_id(ui, user):
    """A run by hand for two of them."""
    for row in (ADVERITY, B3OS):
        user.add_connection(row, row.conn_id)
    ui.open_trigger(DAG_ID)
    ui.keep(PARAM, CHOSEN)
    run_id, state = user.trigger(DAG_ID, "collect-daily-form")
    assert state == "success"
    return run_id


def test_the_form_offers_all_connections_and_has_them_chosen(ui):
    ui.open_trigger(DAG_ID)
    assert ui.read_chosen(PARAM) == CONN_IDS


def test_the_chosen_ones_run_under_their_names_and_the_others_are_skipped(ui, run_id):
    tasks = ui.read_mapped(DAG_ID, run_id)
    ui.take_picture("collect-daily-run", height=720)
    assert sorted(name for name, state in tasks if state == "success") == CHOSEN
    assert Counter(state for _, state in tasks) == {"success": 2, "skipped": len(CONN_IDS) - 2}


def test_only_the_chosen_ones_load_and_each_its_month(run_id, loaded):
    days = loaded.query(
        "SELECT x_conn_id, count(DISTINCT charge_period_start) FROM usage_load_log WHERE x_run_id = :run_id "
        "GROUP BY x_conn_id ORDER BY x_conn_id",
        run_id=run_id,
    )
    assert days == [(conn_id, 32) for conn_id in CHOSEN]


def test_the_xcom_of_one_of_its_tasks_is_what_stands_in_the_warehouse(ui, run_id, loaded):
    ui.open_xcom(DAG_ID, run_id, CONN_IDS.index(ADVERITY.conn_id))
    value = json.loads(ui.copy_xcom())
    assert value["billing_account_id"] == ADVERITY.typed["billing_account_id"]
    rows = loaded.query(
        "SELECT sub_account_id, sku_meter, CAST(sum(consumed_quantity) AS integer) FROM usage_daily "
        "WHERE x_conn_id = :conn_id AND charge_period_start = :day GROUP BY 1, 2 ORDER BY 1, 2",
        conn_id=ADVERITY.conn_id,
        day=date.fromisoformat(value["window"]["start"]),
    )
    assert rows == [
        (total["sub_account_id"], total["sku_meter"], total["consumed_quantity"]) for total in value["totals"]
    ]
