"""P10: the key is found however a server spells it, and looking for a long one takes no longer than for a short one."""

from __future__ import annotations

import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoves_usage_provider.client.redaction import Redactor

printable = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60)

SHORT = "kY7-0123456789abcdefghijklmnopqrstuvwxyz"
JWT = "eyJhbGciOiJIUzI1NiJ9." + (SHORT + "_") * 17 + "." + SHORT[:35]
BODIES = {
    "a header": b"text/html; charset=utf-8",
    "rows": b'{"name": "a <b>", "n": 1.5},' * 4000,
    "backslashes": b"\\" * 20_000,
    "escapes": b"\\u0065\\u0079\\u004A" * 4000,
    "URL escapes": b"%65%79%4A" * 4000,
    "its first half, again and again": b"eyJhbGciOiJIUzI1NiJ9." * 4000,
}


def measure(work) -> float:
    """Return the seconds that the processor works at best, however busy the machine is."""

    def once() -> float:
        started = time.thread_time()
        for _ in range(10):
            work()
        return time.thread_time() - started

    return min(once() for _ in range(5))


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("echoed", [False, True], ids=["without the key", "with the key"])
def test_looking_for_a_key_of_754_characters_takes_no_longer_than_for_one_of_40(name, echoed):
    assert len(JWT) == 754

    def measure_key(key: str) -> float:
        redactor, body = Redactor(key), BODIES[name] + (f" {key}".encode() if echoed else b"")
        redactor.clean_bytes(body)  # what is made once
        return measure(lambda: redactor.clean_bytes(body))

    assert measure_key(JWT) < 12 * measure_key(SHORT) + 0.001


def test_a_redactor_of_a_long_key_is_made_without_its_pattern():
    """One is made for each session and each warning; the pattern is needed only where the key is echoed."""
    assert measure(lambda: Redactor(JWT)) < measure(lambda: Redactor(JWT).clean(JWT)) / 5


@given(printable, st.data())
def test_p10_no_choice_of_escaped_letters_leaks_the_key(key, data):
    chosen = data.draw(st.sets(st.integers(0, len(key) - 1)))
    escaped = "".join(f"\\u{ord(char):04x}" if n in chosen or char in '"\\' else char for n, char in enumerate(key))
    assert json.loads(f'"{escaped}"') == key
    redactor = Redactor(key)
    for form in (escaped, escaped.upper(), json.dumps(escaped)[1:-1]):
        assert redactor.clean(f'"{form}"') == '"***"'


@pytest.mark.parametrize("key", ["0000000%", "%0000000", "000%%000", "%250000000", "0000000%25"])
def test_p10_a_percent_sign_of_the_key_is_masked_with_its_escape(key):
    assert Redactor(key).clean(f"?a={quote(key)}&b={key}") == "?a=***&b=***"


def test_p10_a_key_that_looks_escaped_is_masked_where_only_some_of_it_is_escaped():
    assert Redactor("0000M%4D").clean("?a=%30%30%30%30%4D%25%34D&b") == "?a=***&b"


@given(printable, st.data())
def test_p10_no_choice_of_characters_escaped_in_a_url_leaks_the_key(key, data):
    chosen = data.draw(st.sets(st.integers(0, len(key) - 1)))
    escaped = "".join(
        f"%{ord(char):02X}" if n in chosen or char in "%\\" else quote(char) for n, char in enumerate(key)
    )
    assert Redactor(key).clean(f"?a={escaped}&b") == "?a=***&b"


def test_p10_base64_whose_slashes_are_escaped_is_masked():
    key = "\x7e\x7e\x7e?>?>?>~~~~"
    clean = Redactor(key).clean(json.dumps("fn5+Pz4/Pj8+fn5+fg==").replace("/", "\\/"))
    assert clean.startswith('"***')
