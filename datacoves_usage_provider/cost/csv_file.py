"""A CSV file as spreadsheets write it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.text import shorten

MAX_MEGABYTES = 10
_MAX_BYTES = MAX_MEGABYTES * 1_000_000


@dataclass(frozen=True)
class CsvFile:
    """
    A header and the lines below it, each with the number of its first line in the file.

    Blank lines are left out, as are those that only have delimiters. No cell has white space around it.
    """

    delimiter: str
    header: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]


def read_csv_file(path: Path) -> CsvFile:
    """
    Return the file at ``path``: UTF-8, with or without a byte order mark, separated by commas or by semicolons.

    The header decides which, by what it has more of. A file that cannot be read is a ``UsageConfigError`` that says
    what is wrong with it, without its name.
    """
    text = _decode(_read_bytes(path))
    first_line = text.lstrip().partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    lines = tuple(_split(text, delimiter))
    if not lines:
        raise UsageConfigError("is empty. Its first line must have the names of columns")
    return CsvFile(delimiter, lines[0][1], lines[1:])


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a name with NUL is a ValueError
        raise UsageConfigError(f"cannot be read ({shorten(str(error))})") from error
    if len(content) > _MAX_BYTES:
        raise UsageConfigError(f"is larger than {MAX_MEGABYTES} MB. Is it the right file?")
    return content


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageConfigError(f"is not UTF-8 (line {line}). Save it as 'CSV UTF-8'") from error


def _split(text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    last_line = 0
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped):
                yield last_line + 1, stripped
            last_line = reader.line_num
    except csv.Error as error:
        raise UsageConfigError(f"is not CSV from line {last_line + 1} on ({error}). Are the quotes closed?") from error
