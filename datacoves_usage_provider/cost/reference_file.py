"""A file of reference data: the rows of a table that people keep, checked whole."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from datacoves_usage_provider.cost.csv_file import CsvFile, read_csv_file
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.text import quote, shorten

Values = Mapping[str, Any]


@dataclass(frozen=True)
class CellRule:
    """What a column's cells may say; an empty cell stands for ``default`` unless the column ``is_required``."""

    parse: Callable[[str], Any]
    is_required: bool = False
    default: Any = None


class RowRule(NamedTuple):
    """A check of the cells of ``columns`` together, for rows in which each of them is right by itself."""

    columns: Sequence[str]
    find_problem: Callable[..., str | None]
    """Takes the values, and returns what is wrong with that of the first column."""


class Row(NamedTuple):
    """The values of the cells that are right, by column, and the row's line in the file."""

    line: int
    values: Values


class Mistake(NamedTuple):
    line: int
    column: str | None
    text: str


@dataclass(frozen=True)
class Kind:
    """What the rows of a table may say: cell by cell, row by row, and together."""

    table: str
    cells: Mapping[str, CellRule]
    rows: Sequence[RowRule]
    compare: Callable[[Sequence[Row]], Iterable[Mistake]]


@dataclass(frozen=True)
class ReferenceFile:
    """
    ``name`` is how a user calls the file. Unless there are ``mistakes``, ``rows`` have a value for each column.

    Each mistake is a sentence with file, line and column.
    """

    name: str
    kind: Kind
    delimiter: str
    rows: Sequence[Row]
    mistakes: Sequence[str]


def read_reference_file(folder: Path, name: str, kind: Kind) -> ReferenceFile:
    """Read the file ``name`` in ``folder``."""
    shown = shorten(name)
    try:
        file = read_csv_file(folder / name)
    except UsageConfigError as error:
        return ReferenceFile(shown, kind, "", (), [f"{shown} {error}"])
    found: list[Mistake] = list(_find_header_mistakes(file, kind))
    rows = [_read_row(line, cells, file.header, kind, found) for line, cells in file.lines]
    found += kind.compare(rows)
    found.sort(key=lambda mistake: mistake.line)
    return ReferenceFile(shown, kind, file.delimiter, rows, [_describe(shown, mistake) for mistake in found])


def check_end(end: date | None, start: date | None) -> str | None:
    """Return what is wrong with the ``end`` of what begins at ``start``; None: no bound."""
    return f"is exclusive, so it must be after {start}, not {end}" if start and end and end <= start else None


def _describe(name: str, mistake: Mistake) -> str:
    column = f", {mistake.column}" if mistake.column else ""
    return f"{name} line {mistake.line}{column}: {mistake.text}"


def _find_header_mistakes(file: CsvFile, kind: Kind) -> Iterator[Mistake]:
    for name, times in Counter(file.header).items():
        if name not in kind.cells:
            yield Mistake(1, None, f"{quote(name)} is not a column of {kind.table}{_suggest(name, kind)}")
        elif times > 1:
            yield Mistake(1, name, f"appears {times} times")
    for name, rule in kind.cells.items():
        if rule.is_required and name not in file.header:
            yield Mistake(1, name, "is missing from the header")


def _suggest(name: str, kind: Kind) -> str:
    similar = difflib.get_close_matches(name.lower(), kind.cells, n=1)
    return f" (did you mean {similar[0]}?)" if similar else f"; it has {', '.join(kind.cells)}"


def _read_row(line: int, cells: Sequence[str], header: Sequence[str], kind: Kind, found: list[Mistake]) -> Row:
    """Return what is right in a line, and add what is wrong to ``found``."""
    if len(cells) != len(header):
        found.append(Mistake(line, None, f"has {len(cells)} cells, but the header has {len(header)}"))
        return Row(line, {})
    texts = dict(zip(header, cells, strict=True))
    values: dict[str, Any] = {}

    def read(name: str, rule: CellRule) -> None:
        try:
            values[name] = _parse_cell(texts.get(name, ""), rule)
        except ValueError as error:
            if name in texts:  # otherwise the header's mistake says so
                found.append(Mistake(line, name, str(error)))

    for name, rule in kind.cells.items():
        read(name, rule)
    found += _check_row(line, values, kind)
    return Row(line, values)


def _parse_cell(text: str, rule: CellRule) -> Any:
    if text:
        return rule.parse(text)
    if rule.is_required:
        raise ValueError("must not be empty")
    return rule.default


def _check_row(line: int, values: Values, kind: Kind) -> Iterator[Mistake]:
    for columns, find_problem in kind.rows:
        if all(name in values for name in columns):
            problem = find_problem(*(values[name] for name in columns))
            if problem:
                yield Mistake(line, columns[0], problem)
