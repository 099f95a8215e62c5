"""On PostgreSQL the rights that the docs name are enough to sync and to check budgets, and none of them is too many."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.operators.budgets import CheckBudgetsOperator
from datacoves_usage_provider.operators.reference_data import SyncReferenceDataOperator
from tests.docs.markdown import ROOT, find_block_after
from tests.docs.test_ddl import read_cost_ddl
from tests.docs.test_rights import GRANTS, PAGE, SCHEMA, tables_by_hand  # noqa: F401

COST_GRANTS = [statement.strip() for statement in find_block_after("grants:cost", PAGE).split(";")[:-1]]
EACH_RIGHT = [
    (right, target)
    for grant in COST_GRANTS
    for rights, target in [re.fullmatch(r"GRANT (.+) ON (.+) TO usage", grant).groups()]
    for right in rights.split(", ")
]
# Its minute is used on the first day of a month, so that a budget of half a minute alerts.
CHECKED_AT = datetime(2026, 11, 2, 4, tzinfo=timezone.utc)


def sync_and_check(warehouse: Any) -> dict[str, Any]:
    run = SimpleNamespace(dag_id="a_dag", run_id="a_run", run_after=CHECKED_AT)
    context = {"dag_run": run, "dag": SimpleNamespace(fileloc=str(ROOT / "dags" / "usage_budgets_daily.py"))}
    arguments = {"sql_conn_id": warehouse.conn_id, "schema": SCHEMA}
    files = {"rates": "reference/rates.csv", "budgets": "reference/budgets.csv"}
    SyncReferenceDataOperator(task_id="sync", **files, **arguments).execute(context)
    warehouse.query(f"UPDATE {SCHEMA}.usage_budget SET x_amount = 0.0001")
    return CheckBudgetsOperator(task_id="check", **arguments).execute(context)


@pytest.fixture
def granted(tables_by_hand) -> Any:  # noqa: F811 - the fixture of this name
    tables_by_hand.query(f"SET search_path TO {SCHEMA}; {'; '.join(read_cost_ddl())}")
    for grant in (*GRANTS, *COST_GRANTS):
        tables_by_hand.query(grant)
    tables_by_hand.query(
        f"INSERT INTO {SCHEMA}.usage_daily VALUES ('Datacoves', 'a', 'abc123', '', 'airflow', '', '', "
        "'Worker Minutes', '2026-11-01', '2026-11-01', 1, 'Minutes', true, null, null, 'c', 'd', 'r', now())"
    )
    return tables_by_hand


def test_the_rights_are_enough_to_sync_and_check(granted):
    assert len(sync_and_check(granted)["alerts"]) == 4
    assert sync_and_check(granted)["alerts"] == []


def test_none_of_the_rights_is_too_many(granted):
    for right, target in EACH_RIGHT:
        granted.query(f"REVOKE {right} ON {target} FROM usage")
        with pytest.raises(AirflowFailException, match="the user lacks a right"):
            sync_and_check(granted)
        granted.query(f"GRANT {right} ON {target} TO usage")
        granted.query(f"DELETE FROM {SCHEMA}.usage_alert")
    assert len(sync_and_check(granted)["alerts"]) == 4
