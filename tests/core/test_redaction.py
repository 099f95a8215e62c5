"""The redactor finds the key in whatever a server makes of it."""

from __future__ import annotations

import base64
import json
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoves_usage_provider.client.redaction import Redactor
from datacoves_usage_provider.exceptions import UsageApiError, UsageDataError

KEY = 'k/3+"y&=\\%~9ab'
PLAIN_KEY = "abc+def/ghi&jkl=="
printable = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60)

SPELLINGS = {
    "plain": KEY,
    "JSON": json.dumps(KEY),
    "JSON with escaped slashes": json.dumps(KEY).replace("/", "\\/"),
    "URL": quote(KEY),
    "URL, slashes too": quote(KEY, safe=""),
    "URL, lower case": quote(KEY, safe="").lower(),
    "form": quote_plus(KEY),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(KEY.encode()).decode(),
    "basic auth": base64.b64encode(f"user:{KEY}".encode()).decode(),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_each_spelling_is_masked(name):
    clean = Redactor(KEY).clean(f"before {SPELLINGS[name]} after")
    assert "***" in clean
    assert clean.startswith("before ")
    assert clean.endswith(" after")


def escape_some(key: str, chosen: set[str], form: str = "\\u{:04x}") -> str:
    return "".join(form.format(ord(char)) if char in chosen else char for char in key)


ESCAPED = {
    ".NET": escape_some(PLAIN_KEY, {"+", "&"}, "\\u{:04X}"),
    "Go": escape_some(PLAIN_KEY, {"&"}),
    "PHP": escape_some(PLAIN_KEY, {"/"}, "\\{:c}"),
    "all": escape_some(PLAIN_KEY, {*"+/&="}),
    "only the last": PLAIN_KEY[:-1] + "\\u003D",
    "JSON inside of JSON": escape_some(PLAIN_KEY, {"+", "&"}, "\\\\u{:04X}"),
}


@pytest.mark.parametrize("name", ESCAPED)
def test_each_json_escape_of_a_character_is_masked(name):
    redactor = Redactor(PLAIN_KEY)
    assert redactor.clean(f"before {ESCAPED[name]} after") == "before *** after"
    assert redactor.clean_bytes(f'["{ESCAPED[name]}","after"]'.encode()) == b'["***","after"]'
    assert redactor.clean_bytes(f'["{ESCAPED[name]}"]'.upper().encode()).endswith(b'["***"]')


@given(printable, st.data())
def test_no_choice_of_json_escapes_leaks_the_key(key, data):
    """A letter or digit is never escaped; a quote and a backslash always are."""
    chosen = data.draw(st.sets(st.sampled_from("".join(char for char in key if not char.isalnum()) or "!")))
    forms = [json.dumps(key), json.dumps(json.dumps(key)[1:-1])]
    forms.append(f'"{escape_some(key, chosen | {chr(34), chr(92)})}"')
    redactor = Redactor(key)
    assert [redactor.clean(form) for form in forms] == ['"***"'] * 3
    assert [redactor.clean_bytes(form.encode()) for form in forms] == [b'"***"'] * 3


PIECES = [b'{"name": "a <b>", "n": 1.5},', b"\\u002B\\u0026", b"\\\\", b"abc+def/ghi", b"0123456789abcde"]


def measure(redactor: Redactor, body: bytes) -> float:
    """Return the seconds that the processor works on ``body`` at best, however busy the machine is."""

    def work() -> float:
        started = time.thread_time()
        redactor.clean_bytes(body)
        return time.thread_time() - started

    return min(work() for _ in range(5))


@pytest.mark.parametrize("key", [PLAIN_KEY, KEY, "0123456789abcdef" * 4, "\\" * 8 + "abcdefgh"])
@pytest.mark.parametrize("piece", PIECES)
def test_eight_times_the_text_is_eight_times_the_work(key, piece):
    """Work that grows with the square of the text would be 64 times as much, and keep a worker busy for hours."""
    redactor = Redactor(key)
    short, long = (key.encode() + piece * (length // len(piece)) for length in (1_000, 8_000))
    assert measure(redactor, long) < 24 * measure(redactor, short)


@pytest.mark.parametrize("key", [PLAIN_KEY, KEY, "0123456789abcdef" * 4])
def test_a_large_body_without_the_key_is_returned_itself_long_before_a_pattern_has_looked_through_it(key):
    body = PIECES[0] * 40_000
    redactor = Redactor(key)
    assert redactor.clean_bytes(body) is body
    assert 4 * measure(redactor, body) < measure(redactor, body + key.encode())


@given(printable, st.binary(max_size=7), st.binary(max_size=7))
def test_base64_of_a_longer_text_does_not_leak_the_key(key, before, after):
    encoded = base64.b64encode(before + key.encode() + after).decode()
    shown = Redactor(key).clean(encoded).split("***")
    assert len(shown) > 1
    for part in shown:
        decoded = [base64.b64decode(part[skip:][: (len(part) - skip) // 4 * 4] + "====") for skip in range(4)]
        assert not any(key.encode() in text for text in decoded)


@given(printable)
def test_text_without_the_key_stays(key):
    text = "nothing to hide é"
    assert Redactor(key).clean(text) == text


def test_an_error_that_leaks_the_key_in_a_cause_loses_the_cause():
    try:
        try:
            raise ValueError(KEY)
        except ValueError as cause:
            raise UsageDataError("harmless") from cause
    except UsageDataError as error:
        clean = Redactor(KEY).clean_error(error)
    assert isinstance(clean, UsageDataError)
    assert str(clean) == "harmless"
    assert clean.__cause__ is clean.__context__ is None


def test_an_error_without_the_key_stays_itself():
    error = UsageApiError("said no")
    assert Redactor(KEY).clean_error(error) is error


def test_the_redactor_does_not_show_the_key():
    assert KEY not in repr(Redactor(KEY))


def test_a_text_with_lone_surrogates_is_cleaned():
    assert Redactor(KEY).clean(f"\ud800 {KEY} \u2026") == "\ud800 *** \u2026"
