"""Keeps one secret out of every text, in each spelling in which a server may send it back."""

from __future__ import annotations

import base64
import json
import re
import traceback
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from datacoves_usage_provider.exceptions import UsageError

MASK = "***"


class Redactor:
    """Masks ``secret``, plain, JSON-escaped, URL-encoded or base64, also inside of a longer base64 text."""

    def __init__(self, secret: str) -> None:
        spellings = sorted({*_spellings(secret)}, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(text) for text in spellings), re.IGNORECASE)

    def __repr__(self) -> str:
        return "Redactor()"

    def clean(self, text: str) -> str:
        return self._pattern.sub(MASK, text)

    def finds_in(self, text: str) -> bool:
        return self._pattern.search(text) is not None

    def clean_error(self, error: UsageError) -> UsageError:
        """Return ``error`` as it is, or one of its kind without the secret and without the causes that tell it."""
        if not self.finds_in("".join(traceback.format_exception(type(error), error, error.__traceback__))):
            return error
        return type(error)(self.clean(str(error)))


def _spellings(secret: str) -> Iterator[str]:
    escaped = json.dumps(secret)[1:-1]
    yield from (secret, escaped, escaped.replace("/", "\\/"))
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
