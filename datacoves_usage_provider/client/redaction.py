"""Keeps one secret out of every text, in each spelling in which a server may send it back."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TypeVar
from urllib.parse import quote, quote_plus

from datacoves_usage_provider.text import shorten

MASK = "***"

_LONGEST_LOG_LINE = 500
_ANY = re.compile(r".")
_SPECIAL = re.compile(r"[^A-Za-z0-9]")

E = TypeVar("E", bound=Exception)


class Redactor:
    """
    Masks ``secret``, plain, JSON-escaped, URL-encoded or base64, also inside of a longer base64 text.

    It knows only the whole secret: a text must be cleaned before it is shortened.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._others = sorted({*_spellings(secret)}.difference({secret}), key=len, reverse=True)
        # The backslash comes first: its escape may begin another. % comes last: what it then begins is the key's own.
        chars = dict.fromkeys(("\\", *secret.replace("%", ""), "%"))
        self._escapes = {escape.encode(): char.lower().encode() for char in chars for escape in _escapes(char)}
        self._lower = [spelling.lower().encode() for spelling in (secret, *self._others)]
        self._unescaped = {self._unescape(spelling) for spelling in self._lower} | {
            spelling.replace(b"\\", b"") for spelling in self._lower
        }

    def __repr__(self) -> str:
        return "Redactor()"

    def clean(self, text: str) -> str:
        return self.clean_bytes(text.encode(errors="surrogatepass")).decode(errors="surrogatepass")

    def clean_bytes(self, body: bytes) -> bytes:
        """Return ``body`` itself if the secret is not in it."""
        # Most bodies do not have the secret, which this finds out much faster than the pattern, however long it is.
        return self._pattern.sub(MASK.encode(), body) if self._may_have_secret(body.lower()) else body

    def clean_error(self, error: E) -> E:
        """
        Return ``error`` with the secret masked in its words, and without traceback, cause and context.

        These hold what an HTTP library was working on, such as the headers that it sent, and error reporters collect
        them. Raise it outside of any handler; otherwise the handled error becomes its context.
        """
        error.args = tuple(self.clean(arg) if isinstance(arg, str) else arg for arg in error.args)
        error.__cause__ = error.__context__ = None
        return error.with_traceback(None)

    def _may_have_secret(self, lower: bytes) -> bool:
        if any(spelling in lower for spelling in self._lower):
            return True
        if b"\\" not in lower and b"%" not in lower:
            return False
        unescaped = self._unescape(lower)
        return any(spelling in unescaped for spelling in self._unescaped)

    def _unescape(self, lower: bytes) -> bytes:
        """Return ``lower`` with the escapes of the secret's characters resolved, and without backslashes."""
        for sign in (b"%", b"\\u00"):
            if sign in lower:
                for escape, char in self._escapes.items():
                    lower = lower.replace(escape, char) if escape.startswith(sign) else lower
        return lower.replace(b"\\", b"")

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        """Compiled on first use, because a long secret takes a while."""
        whole = _match_escaped(self._secret, _ANY)
        others = (_match_escaped(other, _SPECIAL) for other in self._others)
        first = "".join(re.escape(spelling[0]) for spelling in (self._secret, *self._others))
        # Looking at the first character alone is quicker than trying all spellings at each place.
        return re.compile(rf"(?=[\\%{first}])(?:{'|'.join([whole, *others])})".encode(), re.IGNORECASE)


class RedactingFilter(logging.Filter):
    """Cleans what a library logs of a server's words, and cuts it to a line."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = shorten(self._redactor.clean(record.getMessage()), _LONGEST_LOG_LINE), ()
        record.exc_info = None
        return True


def _escapes(char: str) -> tuple[str, str]:
    """Return how URLs and JSON may write ``char``, in lower case."""
    return f"%{ord(char):02x}", f"\\u{ord(char):04x}"


def _match_escaped(secret: str, escaped: re.Pattern[str]) -> str:
    r"""
    Return a pattern of ``secret`` in URLs, in JSON, in JSON inside of JSON, and as ``repr`` shows it.

    URLs may write any ``escaped`` character as ``%XX``, and JSON as ``\uXXXX``. JSON and ``repr`` write each backslash
    as up to four, and put up to three more before any character that is not a letter or digit. The pattern limits the
    number of backslashes: without a limit, the work would grow with the square of a text of backslashes.
    """
    parts: list[str] = []
    for backslashes, char in re.findall(r"(\\*)([^\\]?)", secret):
        few = len(backslashes)
        if few:
            parts.append(rf"(?:\\(?:u005c)?|%5c){{{few},{4 * few + 3}}}")
        if char and not escaped.match(char):
            parts.append(char)
        elif char:
            percent, unicode = _escapes(char)
            before = r"(?:\\(?:u005c)?){0,3}" if _SPECIAL.match(char) and not few else ""
            parts.append(rf"(?:{percent}|(?:\\(?:u005c)?){{0,3}}\{unicode}|{before}{re.escape(char)})")
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
