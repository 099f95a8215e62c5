"""What docs/start.md shows of the demo is what the demo prints."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.allocation.warehouse import AllocationWarehouse
from datacoves_usage_provider.operators.allocation import AllocateUsageOperator
from datacoves_usage_provider.operators.usage import CollectUsageOperator
from datacoves_usage_provider.simulator import APIS, DatacovesBilling
from demo import queries
from demo.airflows import make_airflows
from demo.run import ALLOCATION, LOAD
from tests.docs.made_usage import make_usage
from tests.docs.markdown import find_block_after

SHOWN = find_block_after("demo:start", "docs/start.md")


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """A warehouse with all tables and views of the demo."""
    path = tmp_path_factory.mktemp("warehouse") / "usage.db"
    make_usage(f"sqlite:///{path}")
    AllocationWarehouse(create_engine(f"sqlite:///{path}", poolclass=NullPool), None, "usage_warehouse").prepare()
    with closing(sqlite3.connect(path)) as connection:
        yield connection


@pytest.mark.parametrize("name", ["BY_DAY", "BY_MONTH", "LARGEST_DAGS", "BUDGETS", "ALERTS"])
def test_the_columns_are_those_of_the_demos_queries(name, tables):
    parameters = ["2025-01-01"] if name == "BY_DAY" else []
    names = [column[0] for column in tables.execute(getattr(queries, name), parameters).description]
    assert names in [line.split() for line in SHOWN.splitlines()]


def test_the_line_of_each_load_is_such_as_a_task_logs(set_conns, sqlite_warehouse, capsys):
    for api in APIS:
        conn_id = f"{api.conn_type}_default"
        operator = CollectUsageOperator(task_id="collect", usage_conn_id=conn_id, start="2026-11-01", end="2026-11-04")
        operator.execute({"dag_run": SimpleNamespace(dag_id="a_dag", run_id="a_run")})
    logged = [_shape(line) for line in capsys.readouterr().out.splitlines() if LOAD.search(line)]
    shown = [_shape(line) for line in SHOWN.splitlines() if LOAD.search(line)]
    assert shown
    assert shown == [line for line in logged if line in shown]


def test_the_line_of_each_allocation_is_such_as_a_task_logs(set_conns, sqlite_warehouse, tmp_path, monkeypatch, capsys):
    days, context = {"start": "2026-11-03", "end": "2026-11-04"}, {"dag_run": SimpleNamespace(dag_id="a", run_id="a")}
    CollectUsageOperator(task_id="collect", usage_conn_id="datacoves_billing_default", **days).execute(context)
    for name, value in make_airflows(tmp_path, ["my-env"], date(2026, 11, 4)).items():
        monkeypatch.setenv(name, value)
    AllocateUsageOperator(
        task_id="allocate", sub_account_id="my-env", airflow_conn_id="airflow_my_env", **days
    ).execute(context)
    (logged,) = _find_allocations(capsys.readouterr().out)
    shown = _find_allocations(SHOWN)
    assert len(shown) == len(DatacovesBilling.environments)
    assert set(shown) == {logged}


def _find_allocations(text: str) -> list[str]:
    """Return what these lines have in common with others: no numbers, no names."""
    lines = [found[0] for line in text.splitlines() if (found := ALLOCATION.search(line))]
    return [re.sub(r"\d[\d,.]*\d|\d", "0", re.sub(r"'[^']+'|[a-z_]+(?= [\d.]+[,)])", "", line)) for line in lines]


def _shape(line: str) -> str:
    """Return what a load's line has in common with others: no numbers, no account."""
    return re.sub(r"\d+", "0", re.sub(r"'[^']+'", "", LOAD.search(line)[0]))
