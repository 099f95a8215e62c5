"""The URLs in errors lead to pages and headings of the project's home."""

from __future__ import annotations

import ast
import re
from importlib.metadata import metadata
from pathlib import Path

import pytest

from datacoves_usage_provider.exceptions import DOCS
from tests.docs.markdown import ROOT
from tests.docs.test_links import find_anchors

SOURCES = sorted((ROOT / "datacoves_usage_provider").rglob("*.py"))
NAMED = sorted(
    {found for path in SOURCES for found in re.findall(r"\{DOCS\}/([\w-]+\.md)#?([\w-]*)", path.read_text())}
)


def test_the_pages_are_those_of_the_projects_home():
    urls = dict(line.split(", ") for line in metadata("airflow-provider-datacoves-usage").get_all("Project-URL"))
    assert f"{urls['Homepage']}/blob/main/docs" == DOCS
    assert f"{urls['Homepage']}/tree/main/docs" == urls["Documentation"]


@pytest.mark.parametrize(("page", "anchor"), NAMED)
def test_every_page_that_an_error_names_has_the_heading(page, anchor):
    assert not anchor or anchor in find_anchors(f"docs/{page}")
    assert (ROOT / "docs" / page).exists()


def test_no_error_names_a_page_without_its_address():
    assert NAMED
    assert [text for path in SOURCES for text in find_texts(path) if "docs/" in text] == []


def find_texts(path: Path) -> list[str]:
    """Return the strings of a file that are not docstrings."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    docstrings = [node.value for node in nodes if isinstance(node, ast.Expr)]
    texts = [node for node in nodes if isinstance(node, ast.Constant) and node not in docstrings]
    return [node.value for node in texts if isinstance(node.value, str)]
