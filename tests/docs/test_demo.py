"""What the README shows of the demo is what the demo prints."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest

from datacoves_usage_provider.operators.usage import CollectUsageOperator
from datacoves_usage_provider.simulator import APIS
from demo.queries import BY_DAY, BY_MONTH
from demo.run import LOAD
from tests.docs.made_usage import make_usage
from tests.docs.markdown import find_block_after

SHOWN = find_block_after("demo:start")


@pytest.mark.parametrize(("query", "parameters"), [(BY_DAY, ["2025-01-01"]), (BY_MONTH, [])], ids=["day", "month"])
def test_the_columns_are_those_of_the_demos_queries(query, parameters, tmp_path):
    make_usage(f"sqlite:///{tmp_path}/usage.db")
    with closing(sqlite3.connect(tmp_path / "usage.db")) as connection:
        names = [column[0] for column in connection.execute(query, parameters).description]
    assert names in [line.split() for line in SHOWN.splitlines()]


def test_the_line_of_each_load_is_such_as_a_task_logs(set_conns, sqlite_warehouse, capsys):
    for api in APIS:
        conn_id = f"{api.conn_type}_default"
        operator = CollectUsageOperator(task_id="collect", usage_conn_id=conn_id, start="2026-11-01", end="2026-11-04")
        operator.execute({"dag_run": SimpleNamespace(dag_id="a_dag", run_id="a_run")})
    logged = [_shape(line) for line in capsys.readouterr().out.splitlines() if LOAD.search(line)]
    shown = [_shape(line) for line in SHOWN.splitlines() if LOAD.search(line)]
    assert len(shown) == len(APIS)
    assert shown == logged


def _shape(line: str) -> str:
    """Return what a load's line has in common with others: no numbers, no account."""
    return re.sub(r"\d+", "0", re.sub(r"'[^']+'", "", LOAD.search(line)[0]))
