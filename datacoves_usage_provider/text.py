"""Fits text from others, such as a server, into one line of an error or a log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

MOST_NAMES = 20
_MOST_WARNINGS = 20
_MOST_BYTES_OF_A_CHARACTER = 4


def shorten(text: str | bytes, most: int = 100) -> str:
    """
    Return at most ``most`` characters of what a server sent, in one line.

    Whatever does not print is escaped: line breaks, NUL and escape characters, and those that change the direction of
    the text. Each escape counts as one character.
    """
    if isinstance(text, bytes):
        text = text[: (most + 1) * _MOST_BYTES_OF_A_CHARACTER].decode(errors="replace")
    shown = "".join(map(_escape, text[:most]))
    return shown if len(text) <= most else f"{shown}…"


def quote(value: object) -> str:
    """Return ``value`` as errors show what someone else named, in quotes if it is text."""
    return f"'{shorten(value)}'" if isinstance(value, str) else shorten(repr(value))


def count(number: int, noun: str) -> str:
    """Return ``1 row`` or ``1,200 rows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def list_names(names: Collection[str], most: int = MOST_NAMES) -> str:
    """Return the first ``most`` of ``names`` in quotes, in order, and how many more there are."""
    more = [f"{len(names) - most:,} more"] if len(names) > most else []
    return ", ".join([*map(quote, sorted(names)[:most]), *more])


def list_warnings(sentences: Iterable[str]) -> Iterator[str]:
    """Yield the first twenty ``sentences`` of one kind, and then how many more there are."""
    remaining = iter(sentences)
    yield from islice(remaining, _MOST_WARNINGS)
    if more := sum(1 for _ in remaining):
        yield f"… and {count(more, 'more warning')} like the last one."


def _escape(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape").decode()
