"""On PostgreSQL the rights that the docs name are enough to sync rates and budgets and to check budgets."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

import pytest

from datacoves_usage_provider.cost.budget_check import BudgetCheck
from datacoves_usage_provider.cost.reference_data import read_files, replace_tables
from datacoves_usage_provider.cost.warehouse import CostWarehouse
from datacoves_usage_provider.exceptions import UsageConfigError
from tests.docs.markdown import ROOT, find_block_after
from tests.docs.test_ddl import CHUNK, PAGE, SCHEMA, load, read_cost_ddl
from tests.docs.test_rights import GRANTS, find_rights

COST_GRANTS = [statement.strip() for statement in find_block_after("grants:cost", PAGE).split(";")[:-1]]
LOG = logging.getLogger(__name__)


@pytest.fixture
def cost_by_hand(tables_by_hand):
    """Those tables and the ones of cost, with the rights of the docs."""
    statements = "; ".join(read_cost_ddl())
    tables_by_hand.query(f"SET search_path TO {SCHEMA}; {statements}")
    for grant in (*GRANTS, *COST_GRANTS):
        tables_by_hand.query(grant)
    return tables_by_hand


def sync_and_check(database, folder: Path) -> list[str]:
    """Sync, and check twice a month that is over a budget of money and one of minutes; return the alerts."""
    load(database, schema=SCHEMA)
    lines = "name,Datacoves,*,*,*,*,1,{}"
    header = (
        "x_budget_name,service_provider_name,billing_account_id,sub_account_id,service_name,sku_meter,x_amount,x_unit"
    )
    budgets = [header, *(lines.format(unit).replace("name", unit) for unit in ("USD", "Minutes"))]
    (folder / "budgets.csv").write_text("\n".join(budgets))
    warehouse = CostWarehouse.connect(database.conn_id, SCHEMA)
    warehouse.prepare()
    rates = str(ROOT / "dags" / "reference" / "rates.csv")
    replace_tables(warehouse, read_files(folder, {"rates": rates, "budgets": "budgets.csv"}), LOG)
    run = {"x_dag_id": "a_dag", "x_run_id": "a_run"}
    as_of = date.fromordinal(CHUNK.window.end.toordinal() - 1)
    checks = [BudgetCheck(warehouse, as_of, run, lambda _: None, LOG).check(None) for _ in range(2)]
    return [alert["rule"] for check in checks for alert in check["alerts"]]


def test_the_rights_are_enough_to_sync_and_to_check(cost_by_hand, tmp_path):
    assert sorted(sync_and_check(cost_by_hand, tmp_path)) == ["used:100", "used:100", "used:80", "used:80"]


@pytest.mark.parametrize(("right", "target"), find_rights(COST_GRANTS))
def test_none_of_the_rights_is_too_many(right, target, cost_by_hand, tmp_path):
    cost_by_hand.query(f"REVOKE {right} ON {target} FROM usage")
    with pytest.raises(UsageConfigError, match="the user lacks a right"):
        sync_and_check(cost_by_hand, tmp_path)
