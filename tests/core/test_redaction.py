"""The redactor finds the key in whatever a server makes of it."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoves_usage_provider.client.redaction import Redactor
from datacoves_usage_provider.exceptions import UsageApiError, UsageDataError

KEY = 'k/3+"y&=\\%~9ab'
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


@given(printable, st.binary(max_size=7), st.binary(max_size=7))
def test_base64_of_a_longer_text_does_not_tell_the_key(key, before, after):
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


def test_an_error_that_tells_the_key_in_a_cause_loses_the_cause():
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
