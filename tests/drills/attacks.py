"""What a server can do to a client that trusts it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat

from tests.drills.hostile_server import Parts

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = b"Content-Encoding: gzip\r\n\r\n"
BLANK = b" " * 65_536
COMPRESSED = gzip.compress(b" " * 10**7)
COMPRESSED_TWICE = gzip.compress(COMPRESSED * 1000)  # made beforehand, or a client would not wait for it
ROW = {"environment_slug": "a", "service": "b", "date": "2026-11-10", "amount_minutes": 1}

UNAVAILABLE = "Gave up after 5 tries"
TOO_LARGE = "larger than"
TOO_SLOW = "is still sending after"


@dataclass(frozen=True)
class Attack:
    """``make_parts`` is given the seconds between two bytes and the MB that are too many; ``words`` end the task."""

    words: str
    make_parts: Callable[[float, int], Parts]


def trickle(seconds: float, head: bytes, byte: bytes) -> Parts:
    return chain([head], (part for _ in repeat(None) for part in (byte, seconds)))


def endless(head: bytes, part: bytes) -> Parts:
    return chain([head], repeat(part))


def large(head: bytes, megabytes: int) -> Iterator[bytes]:
    yield head + b"Content-Length: %d\r\n\r\n" % (megabytes * 10**6)
    yield from repeat(b" " * 10**6, megabytes)


def bomb(head: bytes) -> Parts:
    """10 GB of blanks, a thousand times smaller on the way."""
    return chain([head], repeat(COMPRESSED, 1000))


def nest(depth: int) -> str:
    return "[" * depth + "]" * depth


def whole(body: str | bytes, head: bytes = OK) -> Parts:
    sent = body if isinstance(body, bytes) else body.encode()
    return [head + b"Content-Length: %d\r\n\r\n" % len(sent) + sent]


ROWS = json.dumps([ROW]).encode()
DEEP_ROW = json.dumps([ROW]).replace("}", f', "more": {nest(200_000)}}}')

ATTACKS = {
    "a head, byte by byte": Attack(TOO_SLOW, lambda pause, _: trickle(pause, OK + b"X-Slow: ", b"x")),
    "a body, byte by byte": Attack(TOO_SLOW, lambda pause, _: trickle(pause, OK + b"\r\n", b" ")),
    "a compressed body, byte by byte": Attack(TOO_SLOW, lambda pause, _: trickle(pause, OK + GZIP, gzip.compress(b""))),
    "the size of a chunk, byte by byte": Attack(TOO_SLOW, lambda pause, _: trickle(pause, CHUNKED, b"0")),
    "head lines without end": Attack(UNAVAILABLE, lambda *_: endless(OK, b"X-More: x\r\n")),
    "a head line without end": Attack(UNAVAILABLE, lambda *_: endless(OK + b"X-Long: ", b"x" * 4096)),
    "'continue' without end": Attack(TOO_LARGE, lambda *_: endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)),
    "a body without end": Attack(TOO_LARGE, lambda *_: endless(OK + b"\r\n", BLANK)),
    "chunks without end": Attack(TOO_LARGE, lambda *_: endless(CHUNKED, b"10000\r\n" + BLANK + b"\r\n")),
    "the size of a chunk without end": Attack(UNAVAILABLE, lambda *_: endless(CHUNKED, b"0" * 4096)),
    "trailers without end": Attack(TOO_LARGE, lambda *_: endless(CHUNKED + b"0\r\n", b"X-More: x\r\n" * 1000)),
    "a large body": Attack(TOO_LARGE, lambda _, size: large(OK, size)),
    "a large error response": Attack(TOO_LARGE, lambda _, size: large(b"HTTP/1.1 400 No\r\n", size)),
    "a large redirect": Attack(TOO_LARGE, lambda _, size: large(b"HTTP/1.1 302 There\r\nLocation: /\r\n", size)),
    "a bomb": Attack(TOO_LARGE, lambda *_: bomb(OK + GZIP)),
    "a bomb as an error response": Attack(TOO_LARGE, lambda *_: bomb(b"HTTP/1.1 403 No\r\n" + GZIP)),
    "a bomb as redirect": Attack(TOO_LARGE, lambda *_: bomb(b"HTTP/1.1 302 There\r\nLocation: /\r\n" + GZIP)),
    "a bomb in a bomb": Attack(
        "compressed as 'gzip, gzip', which was not requested",
        lambda *_: whole(COMPRESSED_TWICE, OK + b"Content-Encoding: gzip, gzip\r\n"),
    ),
    "gzip that is not gzip": Attack(UNAVAILABLE, lambda *_: whole(ROWS, OK + b"Content-Encoding: gzip\r\n")),
    "gzip that ends early": Attack(
        UNAVAILABLE, lambda *_: whole(gzip.compress(ROWS)[:-9], OK + b"Content-Encoding: gzip\r\n")
    ),
    "nested deeply": Attack("not JSON", lambda *_: whole(nest(200_000))),
    "nested deeply in a field that nobody reads": Attack("not JSON", lambda *_: whole(DEEP_ROW)),
    "nested deeply in an error response": Attack(
        "returned 400", lambda *_: whole(nest(200_000), b"HTTP/1.1 400 No\r\n")
    ),
    "many small lists": Attack("Expected", lambda _, size: whole("[" + "[]," * size * 100_000 + "[]]")),
    "many small lists in an error response": Attack(
        "returned 400", lambda _, size: whole("[" + "[]," * size * 100_000 + "[]]", b"HTTP/1.1 400 No\r\n")
    ),
    "chunks that end early": Attack(UNAVAILABLE, lambda *_: [CHUNKED + b"%x\r\n" % len(ROWS) + ROWS + b"\r\n"]),
    "a chunk that ends early": Attack(UNAVAILABLE, lambda *_: [CHUNKED + b"ffff\r\n" + ROWS]),
    "chunks of no size": Attack(UNAVAILABLE, lambda *_: [CHUNKED + b"many\r\n" + ROWS]),
    "fewer bytes than announced": Attack(UNAVAILABLE, lambda *_: [OK + b"Content-Length: 99999\r\n\r\n" + ROWS]),
    "more bytes than announced": Attack(UNAVAILABLE, lambda *_: [OK + b"Content-Length: 9\r\n\r\n" + ROWS]),
    "two lengths": Attack("unmatching values", lambda *_: [OK + b"Content-Length: 9, 8\r\n\r\n" + ROWS]),
    "not HTTP": Attack(UNAVAILABLE, lambda *_: [b"SSH-2.0-OpenSSH_9.6\r\n" * 10]),
    "nothing": Attack(UNAVAILABLE, lambda *_: []),
}
