"""Decompresses a body in small pieces, so that one that grows to gigabytes is never whole in memory."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO

from datacoves_usage_provider.exceptions import RetriableError, TooLargeError, UsageDataError
from datacoves_usage_provider.text import shorten

ACCEPTED = "gzip"
"""The value of ``Accept-Encoding``: what can be decompressed here."""

_COMPRESSIONS = {
    *("br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip", "x-compress", "x-gzip", "zstd"),
    *("aes128gcm", "bzip2", "lzma", "x-bzip2", "x-xz", "xz"),
}
"""The registered ones except ``identity``, and some that are not registered."""
_NAME = re.compile(r"[^\s,]+")

_AT_ONCE = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS


def decompress(pieces: Iterable[bytes], encoding: str, url: str, most: int) -> bytes:
    """
    Return the content of ``pieces``, sent with the ``Content-Encoding`` ``encoding``.

    Words in that header that do not name a compression, such as ``UTF-8``, are ignored: some servers send them. Raises
    ``RetriableError`` if ``pieces`` end too early or are damaged, ``UsageDataError`` for another compression than was
    requested, and ``TooLargeError`` if there are more than ``most`` bytes.
    """
    names = [name for name in _NAME.findall(encoding.lower()) if name in _COMPRESSIONS]
    if names not in ([], ["gzip"], ["x-gzip"]):
        raise UsageDataError(f"{url} sent a response compressed as '{shorten(encoding)}', which was not requested.")
    content = BytesIO()
    for piece in _decompress_gzip(pieces, url) if names else pieces:
        content.write(piece)
        if content.tell() > most:
            raise TooLargeError
    return content.getvalue()  # without a copy


def _decompress_gzip(pieces: Iterable[bytes], url: str) -> Iterator[bytes]:
    """Yield at most 256 KiB at a time."""
    inflate = zlib.decompressobj(_GZIP)
    is_empty = True
    try:
        for piece in pieces:
            is_empty = False
            rest = piece
            while rest:
                if inflate.eof:
                    inflate = zlib.decompressobj(_GZIP)
                yield inflate.decompress(rest, _AT_ONCE)
                rest = inflate.unconsumed_tail or inflate.unused_data
        yield inflate.flush()
    except zlib.error as error:
        raise RetriableError(f"{url} sent damaged gzip ({error}).") from error
    if not inflate.eof and not is_empty:
        raise RetriableError(f"{url} sent gzip that ends too early.")
