"""``usage_collect_daily`` in real runs: all services side by side, a part of them, and one that fails."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta
from decimal import Decimal

from datacoves_usage_provider.simulator import APIS

CONN_IDS = [f"{api.conn_type}_default" for api in APIS]
ACCOUNTS = sorted((api.name, f"{api.conn_type}_default") for api in APIS)


def read_tasks(airflow_db) -> Counter[tuple[str, str | None]]:
    """Return how often each state and name of a mapped task stands in Airflow's database after the last run."""
    query = "SELECT state, rendered_map_index FROM task_instance WHERE dag_id = 'usage_collect_daily'"
    with closing(sqlite3.connect(airflow_db)) as connection:
        return Counter(connection.execute(query).fetchall())


def read_totals(warehouse) -> dict[tuple[str, str], Decimal]:
    totals: Counter[tuple[str, str]] = Counter()
    query = "SELECT service_provider_name, sku_meter, consumed_quantity, effective_cost FROM usage_daily"
    for provider, meter, quantity, cost in warehouse.query(query):
        totals[provider, meter] += Decimal(quantity)
        if cost is not None:
            totals[provider, "USD"] += cost
    return dict(totals)


def test_all_services_share_one_table_and_each_has_what_it_reported(
    run_dag, airflow_db, services, set_conns, postgres_warehouse, today
):
    run_dag("usage_collect_daily", str(today))
    assert read_totals(postgres_warehouse) == services.total(today - timedelta(days=32), today)
    accounts = "SELECT service_provider_name, x_conn_id FROM usage_account ORDER BY 1"
    assert postgres_warehouse.query(accounts) == ACCOUNTS
    days = "SELECT service_provider_name, count(DISTINCT charge_period_start) FROM usage_load_log GROUP BY 1 ORDER BY 1"
    assert postgres_warehouse.query(days) == [(provider, 32) for provider, _ in ACCOUNTS]
    # The interface names the connections, not numbers.
    assert read_tasks(airflow_db) == {("success", conn_id): 1 for conn_id in CONN_IDS}


def test_a_run_by_hand_may_take_a_part_and_skips_the_others(run_dag, airflow_db, set_conns, postgres_warehouse, today):
    chosen = ["b3os_default", "adverity_default"]
    run_dag("usage_collect_daily", str(today), "--conf", json.dumps({"usage_conn_ids": chosen}))
    loaded = "SELECT DISTINCT x_conn_id FROM usage_load_log ORDER BY 1"
    assert postgres_warehouse.query(loaded) == [(conn_id,) for conn_id in sorted(chosen)]
    states = Counter(state for state, _ in read_tasks(airflow_db).elements())
    assert states == {"success": 2, "skipped": len(APIS) - 2}


def test_p8_a_source_that_fails_does_not_stop_the_others(run_dag, airflow_db, set_conns, postgres_warehouse, today):
    set_conns(datacoves_billing="not-the-key-but-secret")
    result = run_dag("usage_collect_daily", str(today))
    assert "Check the API key in the connection's password field" in result.said
    loaded = "SELECT DISTINCT service_provider_name FROM usage_load_log ORDER BY 1"
    assert postgres_warehouse.query(loaded) == [(name,) for name, _ in ACCOUNTS if name != "Datacoves"]
    states = Counter(state for state, _ in read_tasks(airflow_db).elements())
    assert states == {"success": len(APIS) - 1, "failed": 1}
