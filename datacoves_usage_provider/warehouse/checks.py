"""Checks that a table or view that exists is the one that loads need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Boolean, Date, Float, Numeric, Table
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.types import TypeEngine

from datacoves_usage_provider.columns import FRACTION_DIGITS, WHOLE_DIGITS
from datacoves_usage_provider.warehouse.numbers import ExactNumeric
from datacoves_usage_provider.warehouse.views import View

_TYPES = {Date: "a DATE", Boolean: "a BOOLEAN"}


def find_problems(inspector: Inspector, expected: Table | View) -> list[str]:
    """Return what the table or view of this name lacks of what a load needs; each completes a sentence with "it"."""
    try:
        columns = inspector.get_columns(expected.name, schema=expected.schema)
    except NoSuchTableError:  # SQLAlchemy 1.4 takes an index, for example, for a table
        return ["is not a table or view"]
    found = {column["name"]: column["type"] for column in columns}
    problems = [f"has no column {column.name}" for column in expected.columns if column.name not in found]
    if not problems and isinstance(expected, Table):
        problems = [*_find_wrong_types(expected, found), *_find_wrong_key(inspector, expected)]
    return problems


def _find_wrong_types(table: Table, found: Mapping[str, TypeEngine[Any]]) -> Iterator[str]:
    for column in table.columns:
        kind = found[column.name]
        if isinstance(column.type, ExactNumeric) and not _holds_decimals(kind):
            yield f"keeps {column.name} as {kind}, which would round it"
        for wanted, words in _TYPES.items():
            if isinstance(column.type, wanted) and not isinstance(kind, wanted):
                yield f"keeps {column.name} as {kind}, not as {words}"


def _find_wrong_key(inspector: Inspector, table: Table) -> Iterator[str]:
    key = [column.name for column in table.primary_key]
    found = inspector.get_pk_constraint(table.name, schema=table.schema)["constrained_columns"]
    if key and set(found) != set(key):
        yield f"has another primary key than ({', '.join(key)})"


def _holds_decimals(kind: TypeEngine[Any]) -> bool:
    if not isinstance(kind, Numeric) or isinstance(kind, Float):
        return False
    if kind.precision is None:
        return True
    scale = kind.scale or 0
    return scale >= FRACTION_DIGITS and kind.precision - scale >= WHOLE_DIGITS
