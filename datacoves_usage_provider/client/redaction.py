"""Keeps one secret out of every text, in each spelling in which a server may send it back."""

from __future__ import annotations

import base64
import logging
import re
import traceback
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from datacoves_usage_provider.exceptions import UsageError

MASK = "***"

_SPECIAL = re.compile(r"[^A-Za-z0-9]")


class Redactor:
    """
    Masks ``secret``, plain, JSON-escaped, URL-encoded or base64, also inside of a longer base64 text.

    It knows only the whole secret: a text must be cleaned before it is shortened.
    """

    def __init__(self, secret: str) -> None:
        literal = sorted({*_spellings(secret)}, key=len, reverse=True)
        pattern = "|".join([_match_escaped(secret), *map(re.escape, literal)])
        self._pattern = re.compile(pattern.encode(), re.IGNORECASE)
        self._lower = [spelling.lower().encode() for spelling in literal]
        self._escapes = {f"\\{_escape(char)}".encode(): char.encode() for char in ["\\", *_SPECIAL.findall(secret)]}
        self._unescaped = self._unescape(secret.lower().encode())

    def __repr__(self) -> str:
        return "Redactor()"

    def clean(self, text: str) -> str:
        return self.clean_bytes(text.encode(errors="surrogatepass")).decode(errors="surrogatepass")

    def clean_bytes(self, body: bytes) -> bytes:
        """Return ``body`` itself if the secret is not in it."""
        lower = body.lower()
        # Most bodies do not have the secret, which this finds out much faster than the pattern.
        if not any(spelling in lower for spelling in self._lower) and self._unescaped not in self._unescape(lower):
            return body
        return self._pattern.sub(MASK.encode(), body)

    def _unescape(self, lower: bytes) -> bytes:
        """Return ``lower`` with the escapes of the secret's characters resolved, and without backslashes."""
        if b"\\" not in lower:
            return lower
        for escape, char in self._escapes.items():
            lower = lower.replace(escape, char)
        return lower.replace(b"\\", b"")

    def clean_error(self, error: UsageError) -> UsageError:
        """Return ``error`` itself; if its text or a cause leaks the secret, one of its kind without either."""
        shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        if self.clean(shown) == shown:
            return error
        return type(error)(self.clean(str(error)))


class RedactingFilter(logging.Filter):
    """Cleans what a library logs of a server's words."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._redactor.clean(record.getMessage()), ()
        record.exc_info = None
        return True


def _escape(char: str) -> str:
    return f"u{ord(char):04x}"


def _match_escaped(secret: str) -> str:
    r"""
    Return a pattern of ``secret`` in JSON, in JSON inside of JSON, and as ``repr`` shows it.

    These write each backslash as up to four, put up to three more before any character that is not a letter or digit,
    and may write such a character as ``\uXXXX``. The pattern limits the number of backslashes: without a limit, the
    work would grow with the square of a text of backslashes.
    """
    parts: list[str] = []
    for backslashes, char in re.findall(r"(\\*)([^\\]?)", secret):
        few, is_plain = len(backslashes), not _SPECIAL.match(char)
        escape = rf"(?:\\(?:u005c)?){{{few},{4 * few + 3}}}" if few or not is_plain else ""
        spelled = char if is_plain else f"(?:{_escape(char)}|{re.escape(char)})"
        parts += [escape, spelled]
    return "".join(parts)


def _spellings(secret: str) -> Iterator[str]:
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))
    for before in range(3):
        yield from _base64_inside(secret.encode(), before)


def _base64_inside(secret: bytes, before: int) -> Iterator[str]:
    """Yield the characters that depend only on ``secret`` where ``before`` bytes (modulo 3) precede it in base64."""
    first = -(-before * 8 // 6)
    last = (before + len(secret)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(bytes(before) + secret + bytes(3)).decode()[first:last]
        if len(text) > 3:
            yield text
