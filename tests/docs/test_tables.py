"""What the tables of README and docs name is what the code has: columns, arguments, fields, DAGs and errors."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy import inspect as inspect_database
from sqlalchemy.dialects import postgresql
from sqlalchemy.pool import NullPool

from datacoves_usage_provider import exceptions
from datacoves_usage_provider.operators.usage import CollectUsageOperator
from tests.docs.made_usage import ALL_TABLES, ALL_VIEWS, VIEW_KEYS, make_usage
from tests.docs.markdown import ROOT, code_in, find_sections, read_table

PAGE = "docs/reference.md"
_COLUMN = re.compile(r"^(\w+) +([A-Z]+(?:\([\d, ]+\))?)( +key)?( +null)?(?:  +(.+))?$")


@dataclass(frozen=True)
class Documented:
    """A line of the page: what it says of a column."""

    name: str
    kind: str
    is_key: bool
    is_nullable: bool
    meaning: str


def read_columns(name: str) -> list[Documented]:
    (block,) = find_sections("### ", PAGE)[f"`{name}`"]
    matches = [_COLUMN.match(line) for line in block.text.splitlines()]
    assert None not in matches, f"{block} has a line that is no column"
    return [Documented(one[1], one[2], bool(one[3]), bool(one[4]), one[5] or "") for one in matches if one]


def _write_type(kind: Any) -> str:
    written: str = kind.compile(postgresql.dialect())
    return written.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")


@pytest.mark.parametrize("table", ALL_TABLES, ids=str)
def test_the_columns_of_each_table_are_as_the_docs_say(table):
    assert [(one.name, one.kind, one.is_key, one.is_nullable) for one in read_columns(table.name)] == [
        (column.name, _write_type(column.type), column.primary_key, column.nullable) for column in table.columns
    ]


@pytest.mark.parametrize("view", ALL_VIEWS, ids=lambda view: view.name)
def test_the_columns_of_each_view_are_as_the_docs_say(view):
    assert [(one.name, one.is_key) for one in read_columns(view.name)] == [
        (column.name, column.name in VIEW_KEYS[view.name]) for column in view.columns
    ]


@pytest.mark.parametrize("view", ALL_VIEWS, ids=lambda view: view.name)
def test_the_types_of_each_view_are_as_the_docs_say(view, postgres_warehouse):
    make_usage(postgres_warehouse.uri)
    columns = inspect_database(create_engine(postgres_warehouse.uri, poolclass=NullPool)).get_columns(view.name)
    assert {one.name: one.kind for one in read_columns(view.name)} == {
        column["name"]: _write_type(column["type"]) for column in columns
    }


def test_every_column_has_a_meaning_there_or_in_the_table_that_the_page_names():
    explained = {one.name for name in ("usage_daily", "usage_allocation") for one in read_columns(name)}
    without = [(shown.name, one) for shown in (*ALL_TABLES, *ALL_VIEWS) for one in read_columns(shown.name)]
    assert [(name, one.name) for name, one in without if not one.meaning and one.name not in explained] == []


def test_every_table_and_view_is_listed():
    listed = [name for row in read_table("name", page=PAGE) for name in code_in(row[0])]
    assert sorted(listed) == sorted(one.name for one in (*ALL_TABLES, *ALL_VIEWS))


@pytest.mark.parametrize(("operator", "page", "header"), [(CollectUsageOperator, "docs/collect.md", "argument")])
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


def test_every_error_has_a_row():
    documented = [name for row in read_table("error", page="docs/operate.md") for name in code_in(row[0])]
    kinds = {*exceptions.FinalUsageError.__subclasses__(), *exceptions.UsageError.__subclasses__()}
    kinds |= {exceptions.UsageError}  # itself, of where a report is written
    assert sorted(documented) == sorted(kind.__name__ for kind in kinds - {exceptions.FinalUsageError})
