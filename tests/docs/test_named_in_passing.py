"""What the prose of the pages names in passing is there: targets of make, modules, files, and names of the project."""

from __future__ import annotations

import re
from importlib.util import find_spec

import pytest

from datacoves_usage_provider.operators.allocation import AllocateUsageOperator
from datacoves_usage_provider.operators.usage import CollectUsageOperator
from tests.docs.made_usage import ALL_TABLES, ALL_VIEWS
from tests.docs.markdown import PAGES, ROOT, code_in, find_commands, read, read_table, without_blocks

IN_PASSING = [(page, code) for page in PAGES for code in code_in(without_blocks(page))]
COMMANDS = [*find_commands(), *(code.split() for _, code in IN_PASSING)]
MADE = {".venv", "build", "dist"}  # by make, and only for those who made them
ROOMS = "|".join(re.escape(path.name) for path in ROOT.iterdir() if path.is_dir() and path.name not in MADE)


def find_known_names() -> set[str]:
    """Return tables, views and columns, arguments of the operator, DAGs, and what their files name."""
    indexes = {index.name for table in ALL_TABLES for index in table.indexes}
    shown = (*ALL_TABLES, *ALL_VIEWS)
    columns = {column.name for one in shown for column in one.columns}
    dags = "".join(path.read_text() for path in (ROOT / "dags").glob("*.py"))
    names = {*CollectUsageOperator.template_fields, *AllocateUsageOperator.template_fields, *re.findall(r"\w+", dags)}
    return names | columns | indexes | {one.name for one in shown}


@pytest.mark.parametrize("target", sorted({words[1] for words in COMMANDS if words[:1] == ["make"] and words[1:]}))
def test_make_has_the_target(target):
    assert re.search(rf"^{re.escape(target)}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("module", sorted({words[2] for words in COMMANDS if words[:2] == ["python", "-m"]}))
def test_the_module_is_there(module):
    assert find_spec(module)


def test_every_file_is_there():
    named = [(page, code) for page, code in IN_PASSING if re.match(rf"({ROOMS})/", code)]
    assert [where for where in named if not (ROOT / where[1].replace("<api>", "b3os")).exists()] == []


@pytest.mark.parametrize("vendor", ["adverity", "webcrawlerapi", "b3os"])
def test_a_vendor_is_in_each_of_the_files_that_an_api_touches(vendor):
    files = [code_in(file)[0].replace("<api>", vendor) for file, _ in read_table("file", page="CONTRIBUTING.md")]
    assert [file for file in files if vendor not in file + read(file).lower()] == []
    assert f"touches these {len(files)} files" in read("CONTRIBUTING.md")


def test_every_name_of_the_project_is_one_that_it_has():
    known = find_known_names()
    named = [(page, code) for page, code in IN_PASSING if re.fullmatch(r"(x|usage)_\w+", code)]
    assert [where for where in named if where[1] not in known] == []
