"""Checks that a table or view that exists is the one that loads need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import CHAR, Boolean, Column, Date, Float, Numeric, String, Table
from sqlalchemy.types import NullType, TypeEngine

from datacoves_usage_provider.columns import FRACTION_DIGITS, WHOLE_DIGITS
from datacoves_usage_provider.warehouse.dialects.database import Database, Relation
from datacoves_usage_provider.warehouse.numbers import ExactNumeric
from datacoves_usage_provider.warehouse.views import View


def find_problems(expected: Table | View, found: Relation, database: Database) -> list[str]:
    """Return what is wrong with the table or view of this name for a load; each completes a sentence with "it"."""
    kind = "view" if isinstance(expected, View) else "table"
    if found.kind != kind:
        article = "an" if found.kind[0] in "aeiou" else "a"
        return [f"is {article} {found.kind}, not a {kind}"]
    if missing := [f"has no column {column.name}" for column in expected.columns if column.name not in found.types]:
        return missing
    if isinstance(expected, View):
        return list(_find_other_sources(expected, found))
    return [*_find_wrong_types(expected, found, database), *_find_wrong_key(expected, found)]


def _find_other_sources(view: View, found: Relation) -> Iterator[str]:
    for source in view.sources:
        if found.sources is not None and source not in found.sources:
            yield (
                f"does not show {source} of its own schema, but a table that was renamed or is elsewhere (drop the "
                "view: it holds no data, and the next run creates it again)"
            )


def _find_wrong_types(table: Table, found: Relation, database: Database) -> Iterator[str]:
    for column in table.columns:
        kind = found.types[column.name]
        if not isinstance(kind, NullType) and (wrong := _describe_misfit(column, kind, database)):
            yield f"keeps {column.name} as {kind}, {wrong}"


def _describe_misfit(column: Column[Any], kind: TypeEngine[Any], database: Database) -> str | None:
    if isinstance(column.type, ExactNumeric):
        return None if _holds_decimals(kind) else "which would round it"
    if isinstance(column.type, String):
        return _describe_other_text(kind, database)
    for wanted, words in ((Date, "a DATE"), (Boolean, "a BOOLEAN")):
        if isinstance(column.type, wanted) and not isinstance(kind, wanted):
            return f"not as {words}"
    return None


def _describe_other_text(kind: TypeEngine[Any], database: Database) -> str | None:
    if isinstance(kind, CHAR) and database.pads_char:
        return "which pads text with blanks"
    return None if isinstance(kind, String) else "not as text in which upper and lower case differ"


def _find_wrong_key(table: Table, found: Relation) -> Iterator[str]:
    key = [column.name for column in table.primary_key]
    if key and set(found.key) != set(key):
        yield f"has another primary key than ({', '.join(key)})"


def _holds_decimals(kind: TypeEngine[Any]) -> bool:
    if not isinstance(kind, Numeric) or isinstance(kind, Float):
        return False
    if kind.precision is None:
        return True
    scale = kind.scale or 0
    return scale >= FRACTION_DIGITS and kind.precision - scale >= WHOLE_DIGITS
