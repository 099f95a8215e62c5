"""P8: usage is read in each form in which HTTP may bring it, and only if it is whole."""

from __future__ import annotations

import gzip
import json
from codecs import BOM_UTF8
from datetime import date
from decimal import Decimal

import pytest

from datacoves_usage_provider.exceptions import UsageApiError, UsageConfigError, UsageDataError, UsageError
from tests.drills.attacks import CHUNKED, OK, whole
from tests.drills.hostile_server import HostileServer
from tests.support.truth import query, read_all
from tests.support.usage import Amount, minutes_of

DAY = date(2026, 11, 10)
ASKED = query("2026-11-10", "2026-11-11", service=("airflow",))
ROWS = json.dumps(
    [{"environment_slug": "zoë", "service": "airflow", "date": f"{DAY}T08:00:00Z", "amount_minutes": 7}],
    ensure_ascii=False,
).encode()
COMPRESSED = gzip.compress(ROWS)


def send_compressed(name: str, body: bytes = COMPRESSED) -> list[bytes]:
    return whole(body, OK + f"Content-Encoding: {name}\r\n".encode())


FORMS = {
    "with its length": whole(ROWS),
    "without its length": [OK + b"\r\n" + ROWS],
    "HTTP 1.0": [b"HTTP/1.0 200 OK\r\n\r\n" + ROWS],
    "no reason": whole(ROWS, b"HTTP/1.1 200\r\n"),
    "lines without returns": [b"HTTP/1.1 200 OK\n\n" + ROWS],
    "after 'continue'": [b"HTTP/1.1 100 Continue\r\n\r\n", *whole(ROWS)],
    "chunks": [CHUNKED + b"".join(b"1;a=b\r\n%c\r\n" % byte for byte in ROWS) + b"0\r\nX-More: x\r\n\r\n"],
    "gzip": send_compressed("gzip"),
    "x-gzip": send_compressed("x-gzip"),
    "gzip and white space": send_compressed(" GZip \t"),
    "gzip in parts": send_compressed("gzip", gzip.compress(ROWS[:9]) + gzip.compress(ROWS[9:])),
    "not compressed": send_compressed("identity", ROWS),
    "a byte order mark": whole(BOM_UTF8 + ROWS),
    "a byte order mark in gzip": send_compressed("gzip", gzip.compress(BOM_UTF8 + ROWS)),
    "white space around": whole(b"\r\n\t " + ROWS + b" \n"),
    "a cookie": whole(ROWS, OK + b"Set-Cookie: session=x; Domain=example.com\r\n"),
}


@pytest.mark.parametrize("form", FORMS)
def test_p8_usage_is_read_in_each_form(hook, set_datacoves_conn, sleeps, form):
    with HostileServer(lambda: FORMS[form]) as server:
        set_datacoves_conn(host=server.url)
        assert read_all(hook, ASKED) == {minutes_of("zoë", "airflow", DAY): Amount(Decimal(7), "Minutes")}
    assert sleeps == []


@pytest.mark.parametrize("name", ["deflate", "br", "zstd", "gzip, gzip"])
def test_p8_a_compression_that_was_not_requested_is_named(hook, set_datacoves_conn, name):
    with HostileServer(lambda: send_compressed(name)) as server:
        set_datacoves_conn(host=server.url)
        with pytest.raises(UsageDataError, match=f"compressed as '{name}', which was not requested"):
            read_all(hook, ASKED)


@pytest.mark.parametrize(
    ("response", "error", "words"),
    [
        (whole(BOM_UTF8 + b'{"error": "No."}', b"HTTP/1.1 400 Bad\r\n"), UsageApiError, "400 Bad: “No.”"),
        (whole(BOM_UTF8 + b"<html>", b"HTTP/1.1 200 OK\r\n"), UsageConfigError, "HTML page"),
    ],
)
def test_p8_a_byte_order_mark_does_not_hide_an_error_response(hook, set_datacoves_conn, response, error, words):
    with HostileServer(lambda: response) as server:
        set_datacoves_conn(host=server.url)
        with pytest.raises(error, match=words):
            read_all(hook, ASKED)


OTHERS = ["103 Early Hints", "202 Accepted", "204 No Content", "206 Partial Content", "304 Not Modified"]


@pytest.mark.parametrize("status", OTHERS)
@pytest.mark.parametrize("body", [b"[]", ROWS])
def test_p8_another_status_than_200_is_not_all_usage(hook, set_datacoves_conn, sleeps, status, body):
    with HostileServer(lambda: whole(body, f"HTTP/1.1 {status}\r\n".encode())) as server:
        set_datacoves_conn(host=server.url)
        with pytest.raises(UsageDataError, match=f"returned {status}, but usage is expected with status 200 only"):
            read_all(hook, ASKED)
        assert len(server.requests) == 1
    assert sleeps == []


@pytest.mark.parametrize("head", [b"HTTP/1.1 400 ", b"HTTP/1.1 202 ", b"HTTP/1.1 302 ", b"HTTP/1.1 503 ", b"SSH-2.0-"])
def test_p8_of_a_long_first_line_little_is_shown(hook, set_datacoves_conn, sleeps, printed, head):
    with HostileServer(
        lambda: [head + b"x" * 60_000 + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"]
    ) as server:
        set_datacoves_conn(host=server.url)
        with pytest.raises(UsageError) as raised:
            read_all(hook, ASKED)
    assert max(map(len, [str(raised.value), *printed()])) < 900
