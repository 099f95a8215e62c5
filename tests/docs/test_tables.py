"""What the tables of README and docs name is what the code has: columns, arguments, fields, DAGs and errors."""

from __future__ import annotations

import ast
import inspect
import re

import pytest
from sqlalchemy import create_engine
from sqlalchemy import inspect as inspect_database
from sqlalchemy.dialects import postgresql
from sqlalchemy.pool import NullPool

from datacoves_usage_provider import exceptions
from datacoves_usage_provider.operators.allocation import AllocateUsageOperator
from datacoves_usage_provider.operators.usage import CollectUsageOperator
from tests.docs.made_usage import ALL_TABLES, ALL_VIEWS, VIEW_KEYS, make_usage
from tests.docs.markdown import ROOT, code_in, read_table

PAGE = "docs/tables.md"


@pytest.mark.parametrize("table", ALL_TABLES, ids=str)
def test_the_columns_of_each_table_are_as_the_docs_say(table):
    documented = read_table("column", after=f"## `{table.name}`", page=PAGE)
    assert [(name.strip("`"), kind, key == "key") for name, kind, key, _ in documented] == [
        (column.name, column.type.compile(postgresql.dialect()), column.primary_key) for column in table.columns
    ]


@pytest.mark.parametrize("view", ALL_VIEWS, ids=lambda view: view.name)
def test_the_columns_of_each_view_are_as_the_docs_say(view):
    documented = read_table("column", after=f"## `{view.name}`", page=PAGE)
    assert [(name.strip("`"), key == "key") for name, _, key, _ in documented] == [
        (column.name, column.name in VIEW_KEYS[view.name]) for column in view.columns
    ]


@pytest.mark.parametrize("view", ALL_VIEWS, ids=lambda view: view.name)
def test_the_types_of_each_view_are_as_the_docs_say(view, postgres_warehouse):
    make_usage(postgres_warehouse.uri)
    columns = inspect_database(create_engine(postgres_warehouse.uri, poolclass=NullPool)).get_columns(view.name)
    documented = read_table("column", after=f"## `{view.name}`", page=PAGE)
    assert {name.strip("`"): kind for name, kind, *_ in documented} == {
        column["name"]: column["type"].compile(postgresql.dialect()) for column in columns
    }


@pytest.mark.parametrize("page", ["README.md", PAGE])
def test_every_table_and_view_is_listed(page):
    listed = [name for row in read_table("name", page=page) for name in code_in(row[0])]
    assert sorted(listed) == sorted(one.name for one in (*ALL_TABLES, *ALL_VIEWS))


def test_the_readme_says_of_the_tables_what_their_page_says():
    assert [row[1:] for row in read_table("name")] == [row[1:] for row in read_table("name", page=PAGE)]


@pytest.mark.parametrize(
    ("operator", "page", "header"),
    [
        (CollectUsageOperator, "docs/collect.md", "argument"),
        (AllocateUsageOperator, "docs/which-dag.md", "argument of the operator"),
    ],
)
def test_the_operators_arguments_are_as_the_docs_say(operator, page, header):
    parameters = inspect.signature(operator.__init__).parameters.values()
    of_its_own = [parameter for parameter in parameters if parameter.name in operator.template_fields]
    assert [(name.strip("`"), _read_default(default)) for name, default, _ in read_table(header, page=page)] == [
        (parameter.name, parameter.default) for parameter in of_its_own
    ]


def _read_default(cell: str) -> object:
    return inspect.Parameter.empty if cell == "required" else ast.literal_eval(cell.strip("`"))


def test_the_docs_name_every_dag():
    documented = [name.strip("`") for name, *_ in read_table("file in `dags/`", page="docs/collect.md")]
    assert sorted(documented) == sorted(path.stem for path in ROOT.glob("dags/*.py"))


@pytest.mark.parametrize(("name", "when"), [row[:2] for row in read_table("file in `dags/`", page="docs/collect.md")])
def test_every_dag_runs_when_the_docs_say(name, when):
    source = (ROOT / "dags" / f"{name.strip('`')}.py").read_text()
    cron = re.search(r'schedule=CronTriggerTimetable\("(.+)", timezone="UTC"\)', source)
    assets = re.findall(r'Asset\("(.+?)"\)', "".join(re.findall("schedule=(.+)", source)))
    waits = f"when {' or '.join(f'`{asset}`' for asset in assets)} has loaded yesterday" if assets else None
    assert when == (f"`{cron[1]}` UTC" if cron else waits or "by hand, with a form")


def test_every_error_has_a_row_in_the_readme():
    documented = [name for row in read_table("error") for name in code_in(row[0])]
    kinds = {*exceptions.FinalUsageError.__subclasses__(), *exceptions.UsageError.__subclasses__()}
    assert sorted(documented) == sorted(kind.__name__ for kind in kinds - {exceptions.FinalUsageError})
