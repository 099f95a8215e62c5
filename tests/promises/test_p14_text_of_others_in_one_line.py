"""P8 and P14: what a vendor writes is one short line of an error or a log, with nothing that forges another line."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from datacoves_usage_provider.exceptions import UsageError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.text import list_warnings, quote, shorten
from datacoves_usage_provider.window import UsageWindow, parse_day
from tests.drills.attacks import whole
from tests.drills.hostile_server import HostileServer

pytestmark = pytest.mark.usefixtures("in_turn")

DAY = UsageWindow(parse_day("2026-11-10"), parse_day("2026-11-11"))
ROW = {"environment_slug": "abc123", "service": "airflow", "date": "2026-11-10", "amount_minutes": 7}
FORGED = "a\nb\r\n\x1b[31mERROR\x00 \u202egnp\u202c \u2028 \x85 \x7f \ud83d\ude00 \u200b"
LONG = "x" * 3_000_000
TEXTS = [FORGED, LONG, FORGED * 10_000]
LONGEST = 1000


def is_one_line(text: str) -> bool:
    return text.isprintable() and len(text) <= LONGEST


def rows(**changes: Any) -> faults.Body:
    return faults.Body(json.dumps([ROW | changes]))


PLACES: dict[str, Callable[[str], Any]] = {
    "the vendor's message": lambda text: faults.Status(400, detail=text),
    "an error that is tried again": lambda text: faults.Status(503, detail=text),
    "no JSON": faults.Body,
    "a JSON text": lambda text: faults.Body(json.dumps(text)),
    "a date": lambda text: rows(date=text),
    "a number": lambda text: rows(amount_minutes=text),
    "a service that was not requested": lambda text: rows(service=text),
    "a service on a day that was not requested": lambda text: rows(service=text, date="2020-01-01"),
    "an environment": lambda text: rows(environment_slug=text, service="airbyte"),
}


@pytest.mark.usefixtures("sleeps")
@pytest.mark.parametrize("text", TEXTS, ids=["forged", "long", "both"])
@pytest.mark.parametrize("place", PLACES)
def test_p8_an_error_that_quotes_a_server_is_one_short_line(simulator, hook, printed, caplog, place, text):
    simulator.faults.extend([PLACES[place](text)] * 5)
    with caplog.at_level(logging.INFO), pytest.raises(UsageError) as raised:
        list(hook.get_usage(UsageQuery(DAY, {"service": ("airflow",)})))
    messages = [str(raised.value), *(record.getMessage() for record in caplog.records)]
    assert [len(message) for message in messages if not is_one_line(message)] == []
    assert max(map(len, printed()), default=0) < LONGEST


HEADS = {
    "reason": "HTTP/1.1 400 {}\r\n",
    "compression": "HTTP/1.1 200 OK\r\nContent-Encoding: br {}\r\n",
    "redirect": "HTTP/1.1 302 There\r\nLocation: {}\r\n",
    "not HTTP": "SSH {}\r\n",
}


@pytest.mark.usefixtures("sleeps")
@pytest.mark.parametrize("head", HEADS)
def test_p8_an_error_that_quotes_a_head_is_one_short_line(hook, set_datacoves_conn, head):
    with HostileServer(lambda: whole("[]", HEADS[head].format("\x1b[31m \xa0\x08" + "x" * 9000).encode())) as server:
        set_datacoves_conn(host=server.url)
        with pytest.raises(UsageError) as raised:
            list(hook.get_usage(UsageQuery(DAY)))
    assert is_one_line(str(raised.value))


def test_p14_of_many_unknown_services_twenty_are_named_and_the_others_counted(simulator, hook):
    many = [ROW | {"service": f"{FORGED.replace(chr(0), '')} {number}"} for number in range(5000)]
    simulator.faults.append(faults.Rows(many))
    (chunk,) = hook.read(UsageQuery(DAY))
    assert len(chunk.records) > 5000
    assert len(chunk.warnings) == 21
    assert chunk.warnings[-1] == "… and 4,980 more warnings like the last one."
    assert all(map(is_one_line, chunk.warnings))


def test_p14_of_many_sub_accounts_that_vanished_twenty_are_named(simulator, collect, sqlite_warehouse, printed):
    many = [ROW | {"environment_slug": f"vanishes\u202e {number}"} for number in range(500)]
    day = {"start": "2026-11-10", "end": "2026-11-11"}
    simulator.faults.extend([faults.Rows(many), faults.Rows([])])
    collect(**day)
    printed()
    simulator.faults.extend([faults.Rows([ROW]), faults.Rows([])])
    collect(**day)
    lines = [line for line in printed() if "vanishes" in line]
    assert len(lines) == 20
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("count", "more"),
    [(0, []), (1, []), (20, []), (21, ["1 more warning"]), (100_000, ["99,980 more warnings"])],
)
def test_twenty_warnings_of_a_kind_and_then_their_count(count, more):
    listed = list(list_warnings(str(number) for number in range(count)))
    assert listed[:20] == [str(number) for number in range(min(count, 20))]
    assert listed[20:] == [f"… and {text} like the last one." for text in more]


def test_what_is_shortened_keeps_what_prints():
    assert shorten("Zoë 日本 'quoted'") == "Zoë 日本 'quoted'"
    assert shorten("x" * 101) == "x" * 100 + "…"
    assert shorten("x" * 100) == "x" * 100
    assert shorten("é".encode() * 101) == "é" * 100 + "…"
    assert shorten("\N{GRINNING FACE}".encode() * 101) == "\N{GRINNING FACE}" * 100 + "…"
    assert shorten(b"a\xff") == "a\N{REPLACEMENT CHARACTER}"
    assert shorten("a\nb") == "a\\nb"
    assert (quote("a\x00"), quote("it's"), quote(5), quote(None)) == ("'a\\x00'", "'it's'", "5", "None")
