"""Keeps one secret out of every text, in each spelling in which a server may send it back."""

from __future__ import annotations

import base64
import json
import logging
import re
import traceback
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from datacoves_usage_provider.exceptions import UsageError

MASK = "***"


class Redactor:
    """
    Masks ``secret``, plain, JSON-escaped, URL-encoded or base64, also inside of a longer base64 text.

    Where a text was cut with ``…``, the first four characters or more of it are masked, too.
    """

    def __init__(self, secret: str) -> None:
        spellings = sorted({*_spellings(secret)}, key=len, reverse=True)
        cut = (spelling[:length] + "…" for spelling in spellings for length in range(len(spelling) - 1, 3, -1))
        self._pattern = re.compile("|".join(map(re.escape, [*spellings, *cut])), re.IGNORECASE)
        self._lower = [spelling.lower().encode() for spelling in spellings]
        # Without the cut ones, of which there are hundreds: a large body would keep a worker busy for minutes.
        self._whole = re.compile("|".join(map(re.escape, spellings)).encode(), re.IGNORECASE)

    def __repr__(self) -> str:
        return "Redactor()"

    def clean(self, text: str) -> str:
        return self._pattern.sub(MASK, text)

    def clean_bytes(self, body: bytes) -> bytes:
        """As ``clean``, but for texts that were cut; return ``body`` itself if the secret is not in it."""
        lower = body.lower()
        if not any(spelling in lower for spelling in self._lower):
            return body
        return self._whole.sub(MASK.encode(), body)

    def clean_error(self, error: UsageError) -> UsageError:
        """Return ``error`` as it is, or one of its kind without the secret and without the causes that tell it."""
        told = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        if self.clean(told) == told:
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


def _spellings(secret: str) -> Iterator[str]:
    escaped = json.dumps(secret)[1:-1]
    yield from (secret, escaped, escaped.replace("/", "\\/"), json.dumps(escaped)[1:-1])
    yield secret.replace("\\", "\\\\").replace("'", "\\'")  # as repr shows a text with both quotes
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))
    for before in range(3):
        yield from _base64_inside(secret.encode(), before)


def _base64_inside(secret: bytes, before: int) -> Iterator[str]:
    """The characters that ``secret`` alone decides when ``before`` bytes (modulo 3) precede it in a base64 text."""
    first = -(-before * 8 // 6)
    last = (before + len(secret)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(bytes(before) + secret + bytes(3)).decode()[first:last]
        if len(text) > 3:
            yield text
