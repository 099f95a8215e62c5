"""The public names are those that their page lists, load when they are asked for, and have types."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

import datacoves_usage_provider
from tests.docs.markdown import PAGES, ROOT, find_block_after, read

PAGE = "docs/reference.md"
PUBLIC_MODULES = ("datacoves_usage_provider.compat", "datacoves_usage_provider.simulator")
STUB = ROOT / "datacoves_usage_provider" / "__init__.pyi"


def test_the_page_lists_the_public_names_and_no_others():
    (imported,) = ast.parse(find_block_after("public names", PAGE)).body
    assert isinstance(imported, ast.ImportFrom)
    assert imported.module == "datacoves_usage_provider"
    assert sorted(alias.name for alias in imported.names) == sorted(datacoves_usage_provider.__all__)


@pytest.mark.parametrize("name", datacoves_usage_provider.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(datacoves_usage_provider, name) is not None


def test_type_checkers_find_each_name_where_it_is_loaded_from():
    typed = re.findall(r"^from datacoves_usage_provider\.(\S+) import (\w+) as \2$", STUB.read_text(), re.MULTILINE)
    assert {name: module for module, name in typed} == datacoves_usage_provider._MODULES


@pytest.mark.parametrize("path", [*ROOT.glob("dags/*.py"), *ROOT.glob("demo/dags/*.py")], ids=lambda path: path.name)
def test_the_dag_files_import_public_names_alone(path):
    modules = set(re.findall(r"^ *from (datacoves_usage_provider\S*) import", path.read_text(), re.MULTILINE))
    assert modules <= {"datacoves_usage_provider", "datacoves_usage_provider.compat"}


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_import_public_names_alone(page):
    modules = set(re.findall(r"^ *from (datacoves_usage_provider\S*) import", read(page), re.MULTILINE))
    assert modules <= {"datacoves_usage_provider", *PUBLIC_MODULES}


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Warehouse'"):
        datacoves_usage_provider.Warehouse  # noqa: B018


def test_importing_the_package_loads_nothing_else():
    code = "from __future__ import annotations; import sys, importlib, typing; before = set(sys.modules); "
    code += "import datacoves_usage_provider; "
    code += "print(*set(sys.modules) - before)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["datacoves_usage_provider"]
