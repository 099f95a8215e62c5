"""What docs/collect.md says of the DAG files is what is in them."""

from __future__ import annotations

import ast
import json
from copy import deepcopy

import pytest

from tests.docs.markdown import ROOT, code_in, read_table
from tests.docs.test_connections import find_commands_on

PAGE = "docs/collect.md"
SOURCES = {path.stem: ast.parse(path.read_text()) for path in (ROOT / "dags").glob("*.py")}


@pytest.fixture(scope="module")
def dags(airflow_db):
    from airflow.models import DagBag

    return DagBag(dag_folder=str(ROOT / "dags")).dags


def find_names(tree: ast.AST) -> set[str]:
    """Return the names that a file gives a value: variables, and arguments of calls."""
    nodes = list(ast.walk(tree))
    variables = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return variables | {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}


def test_what_may_be_changed_is_in_the_files():
    changed = {name for row in read_table("in the file", page=PAGE) for name in code_in(row[0])}
    assert changed - set().union(*map(find_names, SOURCES.values())) == set()


def test_the_daily_dags_have_outlets_of_their_own_names():
    sources = {dag_id for dag_id, tree in SOURCES.items() if "outlets" in find_names(tree)}
    assert sources == {"datacoves_usage_daily", "usage_collect_daily"}
    for dag_id in sources:
        assert f'outlets=[Asset("{dag_id}")]' in (ROOT / "dags" / f"{dag_id}.py").read_text()


def test_the_forms_have_these_fields(dags):
    documented = [(code_in(row[0])[0], row[1], code_in(row[2])[0]) for row in read_table("DAG", page=PAGE)]
    assert sorted(documented) == sorted(
        (dag_id, dag.params.get_param(name).schema["title"], name)
        for dag_id, dag in dags.items()
        for name in dag.params
    )


def test_each_dag_has_the_tasks_that_the_pages_name_and_two_of_them_are_mapped(dags):
    tasks = {dag_id: dag.tasks for dag_id, dag in dags.items()}
    names = {dag_id: [task.task_id for task in dag.topological_sort()] for dag_id, dag in dags.items()}
    others = {
        "usage_budgets_daily": ["sync", "check"],
        "usage_allocation_daily": ["allocate"],
        "usage_report_monthly": ["report"],
    }
    assert names == {dag_id: ["collect"] for dag_id in dags} | others
    mapped = {dag_id for dag_id, of_dag in tasks.items() for task in of_dag if hasattr(task, "partial_kwargs")}
    assert mapped == {"usage_allocation_daily", "usage_collect_daily"}


def test_the_tries_are_as_the_page_says(dags):
    tries = {(task.retries, task.retry_delay.total_seconds()) for dag in dags.values() for task in dag.tasks}
    assert tries == {(2, 1800)}
    assert any("half an hour, at most twice" in row[1] for row in read_table("where", page=PAGE))


def test_the_form_takes_what_the_command_gives_it(dags):
    ((*_, dag_id, option, conf),) = find_commands_on(PAGE, "airflow", "dags", "trigger")
    assert option == "--conf"
    params = deepcopy(dags[dag_id].params)
    params.update(json.loads(conf))
    assert params.validate()["end"] == "2026-11-01"
