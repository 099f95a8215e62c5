"""Unpacks an answer in small parts, so that one that unpacks to gigabytes is never whole in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from datacoves_usage_provider.client.retry import TryAgain
from datacoves_usage_provider.exceptions import UsageDataError

ACCEPTED = "gzip"
"""What to ask for in ``Accept-Encoding``: what is unpacked here."""

_AT_ONCE = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS


def unpack(parts: Iterable[bytes], encoding: str, url: str) -> Iterator[bytes]:
    """
    Yield what ``parts``, sent with the ``Content-Encoding`` ``encoding``, contain, at most 256 KiB at a time.

    Raises ``TryAgain`` if they end too early or are damaged, and ``UsageDataError`` for an encoding not asked for.
    """
    name = encoding.strip().lower()
    if name in ("gzip", "x-gzip"):
        return _unpack_gzip(parts, url)
    if name in ("", "identity"):
        return iter(parts)
    raise UsageDataError(f"{url} answers packed as {encoding[:40]!r}, for which it was not asked.")


def _unpack_gzip(parts: Iterable[bytes], url: str) -> Iterator[bytes]:
    inflate = zlib.decompressobj(_GZIP)
    is_empty = True
    try:
        for part in parts:
            is_empty = False
            while part:
                if inflate.eof:
                    inflate = zlib.decompressobj(_GZIP)
                yield inflate.decompress(part, _AT_ONCE)
                part = inflate.unconsumed_tail or inflate.unused_data  # noqa: PLW2901 - what is left of it
        yield inflate.flush()
    except zlib.error as error:
        raise TryAgain(f"{url} answers with damaged gzip ({error}).") from error
    if not inflate.eof and not is_empty:
        raise TryAgain(f"{url} answers with gzip that ends too early.")
