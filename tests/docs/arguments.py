"""Reads the Python blocks that show an operator with all its arguments, each with its default and a comment."""

from __future__ import annotations

import ast
import inspect
from typing import Any

from tests.docs.markdown import find_blocks


def read_arguments(operator: type, page: str) -> dict[str, Any]:
    """Return the default of each argument on ``page``; of one whose comment says "required", ``Parameter.empty``."""
    (block,) = (
        one for one in find_blocks("python") if one.page == page and one.text.startswith(f"{operator.__name__}(\n")
    )
    lines = block.text.splitlines()
    (statement,) = ast.parse(block.text).body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Call)
    found = {}
    for keyword in statement.value.keywords:
        if keyword.arg != "task_id":
            _, is_explained, comment = lines[keyword.lineno - 1].partition("  # ")
            assert is_explained, f"{block} does not say what {keyword.arg} means"
            is_required = comment.startswith("required")
            found[str(keyword.arg)] = inspect.Parameter.empty if is_required else ast.literal_eval(keyword.value)
    return found


def find_defaults(operator: Any) -> dict[str, Any]:
    """Return the default of each argument that the operator has of its own."""
    parameters = inspect.signature(operator.__init__).parameters.values()
    return {one.name: one.default for one in parameters if one.kind is one.KEYWORD_ONLY}
