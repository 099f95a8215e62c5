"""P8: the body decides what a response is, where a header says something else."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from datacoves_usage_provider.exceptions import UsageApiError, UsageConfigError, UsageDataError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.window import UsageWindow
from tests.drills.attacks import whole
from tests.drills.hostile_server import HostileServer

DAY = UsageWindow(date(2026, 11, 10), date(2026, 11, 11))
ROW = {"environment_slug": "abc123", "service": "airflow", "date": "2026-11-10", "amount_minutes": 7}
ROWS = json.dumps([ROW])
LOGIN = "<!DOCTYPE html><html><h1>Log in"
OK = "HTTP/1.1 200 OK\r\n"


@pytest.fixture
def read(hook: Any, set_datacoves_conn: Callable[..., None]) -> Callable[[str, str | bytes], list[int]]:
    """Read a response with this head and body; return its minutes."""

    def read_it(head: str, body: str | bytes) -> list[int]:
        with HostileServer(lambda: whole(body, head.encode())) as server:
            set_datacoves_conn(host=server.url)
            query = UsageQuery(DAY, {"service": ("airflow",)})
            return [int(record.consumed_quantity) for record in hook.get_usage(query)]

    return read_it


@pytest.mark.parametrize("body", [ROWS, f"\r\n \t{ROWS}", f"\ufeff{ROWS}"])
@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: text/html",
        "Content-Type: text/html; charset=utf-8",
        "Content-Type: application/xhtml+xml",
        "Content-Type: application/octet-stream",
        "Content-Type: nonsense",
        "Content-Encoding: UTF-8",
        "Content-Encoding: utf8",
        "Content-Encoding: identity, UTF-8",
        "Content-Encoding: application/json",
        "Content-Encoding: none",
        "Content-Encoding: ,",
    ],
)
def test_p8_the_documented_json_is_read_whatever_its_headers_say(read, header, body):
    assert read(f"{OK}{header}\r\n", body) == [7]


def test_p8_gzip_is_read_beside_a_name_that_is_not_a_compression(read):
    assert read(f"{OK}Content-Encoding: gzip, UTF-8\r\n", gzip.compress(ROWS.encode())) == [7]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html", LOGIN),
        ("application/json", LOGIN),
        ("application/json", f"\n  {LOGIN}"),
        ("text/html", "Please log in."),
        ("text/html", ""),
        ("text/html", " "),
    ],
)
def test_p8_a_login_page_is_one_whatever_its_type(read, content_type, body):
    with pytest.raises(UsageConfigError, match="an HTML page instead of JSON"):
        read(f"{OK}Content-Type: {content_type}\r\n", body)


def test_p8_an_error_response_in_json_is_not_called_an_html_page(read):
    with pytest.raises(UsageApiError) as raised:
        read("HTTP/1.1 400 Bad\r\nContent-Type: text/html\r\n", '{"error": "No."}')
    assert "“No.”" in str(raised.value)
    assert "HTML" not in str(raised.value)


@pytest.mark.parametrize("name", ["br", "zstd", "deflate", "gzip, gzip", "gzip, br", "UTF-8, BR"])
def test_p8_a_compression_that_was_not_requested_is_named_still(read, name):
    with pytest.raises(UsageDataError, match=f"compressed as '{name}', which was not requested"):
        read(f"{OK}Content-Encoding: {name}\r\n", gzip.compress(ROWS.encode()))
