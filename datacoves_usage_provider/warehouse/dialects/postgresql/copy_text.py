"""The text format of PostgreSQL's COPY."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from datacoves_usage_provider.warehouse.dialects.rows import Row

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def write_rows(common: Iterable[Any], batch: Sequence[Row]) -> str:
    """
    Return ``batch`` as a line for each row, tabs between its values.

    Each distinct value of a column is written once, together with what all rows have before it.
    """
    before = "".join(f"{_escape(value)}\t" for value in common)
    columns: list[Iterable[str]] = []
    for index in range(len(batch[0])):
        # Unlike zip(*batch), this makes no iterator for each row, which would set off a collection of all garbage.
        values = [*map(itemgetter(index), batch)]
        distinct = set(values)
        if len(distinct) == 1 and columns:  # at least one column must tell how many rows there are
            before += f"{_escape(values[0])}\t"
        else:
            texts = {value: f"{before}{_escape(value)}" for value in distinct}
            columns.append(map(texts.__getitem__, values))
            before = "\t"
    end = f"{before[:-1]}\n"
    return end.join([*map("".join, zip(*columns, strict=True)), ""])


def _escape(value: Any) -> str:
    """Return ``value`` with a backslash before each character that has a meaning in COPY's format."""
    return value.translate(_ESCAPES) if value.__class__ is str else r"\N" if value is None else str(value)
