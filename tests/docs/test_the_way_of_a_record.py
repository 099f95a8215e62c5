"""The functions that a record passes from the response to XCom are those that CONTRIBUTING.md lists."""

from __future__ import annotations

import ast
import re
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

import datacoves_usage_provider
from datacoves_usage_provider.api.usage_api import UsagePage
from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.client.request import Response
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.totals import UsageTotal
from datacoves_usage_provider.warehouse.changes import Differences
from tests.docs.markdown import read

PACKAGE = Path(datacoves_usage_provider.__file__).parent
MOST = 32
NAME = b"abc123"
"""An environment that the simulator's responses have."""
FORMS = (UsageRecord, Response, UsagePage, UsageChunk, Differences, UsageTotal)


class Function(NamedTuple):
    file: str
    name: str


def find_listed() -> list[Function]:
    section = read("CONTRIBUTING.md").partition("## The way of a record\n")[2].partition("\n## ")[0]
    return [Function(file, name) for name, file in re.findall(r"^\| `(\S+)` \| `(\S+)` \|", section, re.MULTILINE)]


@cache
def find_defined(path: Path) -> dict[int, Function]:
    """Return the functions of a file by the line that their code object begins in: that of the first decorator."""
    file = str(path.relative_to(PACKAGE))

    def walk(node: ast.AST, prefix: str) -> Iterator[tuple[int, Function]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef):
                yield min(one.lineno for one in (child, *child.decorator_list)), Function(file, prefix + child.name)
            yield from walk(child, f"{child.name}." if isinstance(child, ast.ClassDef) else prefix)

    return dict(walk(ast.parse(path.read_text()), ""))


@cache
def find_function(code: CodeType) -> Function | None:
    """Return the function that ``code`` is of; None: of another package, the simulator, a comprehension or class."""
    path = Path(code.co_filename)
    if PACKAGE not in path.parents or "simulator" in path.parts or code.co_name.startswith("<"):
        return None
    return find_defined(path).get(code.co_firstlineno)


def carries(value: Any) -> bool:
    """Tell whether ``value`` is, or has, a record, its bytes or its sum."""
    if isinstance(value, (bytes, bytearray)):
        return NAME in value
    if isinstance(value, Mapping):
        return "totals" in value
    return isinstance(value, FORMS) or (isinstance(value, (list, tuple)) and any(map(carries, value[:6])))


@contextmanager
def follow(called: set[Function], returned: set[Function]) -> Iterator[None]:
    """Collect the package's functions that are called in any thread, and those that return what ``carries``."""

    def note(frame: FrameType, event: str, value: Any) -> None:
        if event in ("call", "return") and (function := find_function(frame.f_code)):
            called.add(function)
            if event == "return" and carries(value):
                returned.add(function)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def show(functions: Collection[Function]) -> str:
    return ", ".join(sorted(f"{function.file}: {function.name}" for function in functions))


def test_a_record_passes_the_functions_that_are_listed_and_no_other_returns_it(
    datacoves_conn: str, execute: Callable[..., Any], sqlite_warehouse: Any
) -> None:
    called: set[Function] = set()
    returned: set[Function] = set()
    for path in PACKAGE.rglob("*.py"):  # at once: CPython 3.11 cannot parse in two threads (issue 106905)
        find_defined(path)
    with follow(called, returned):
        execute(usage_conn_id=datacoves_conn, filters={"environment_slug": NAME.decode()})
    listed = find_listed()
    assert 0 < len(listed) == len(set(listed)) <= MOST
    assert show({*listed} - called) == "", "listed, but not called"
    assert show(returned - {*listed}) == "", "not listed, but returns the record"
