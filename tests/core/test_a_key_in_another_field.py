"""P10: a key that was put into another field of the connection is shown by no error and no warning, nor loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest

from datacoves_usage_provider.client.setting_warnings import find_warnings
from datacoves_usage_provider.client.settings import ClientSettings, read_settings
from datacoves_usage_provider.exceptions import UsageConfigError
from tests.support.reporter import collect
from tests.support.secrecy import everything_about, find_chain, leaked

KEY = "kY7-0123456789abcdefghijklmnopqrstuvwxyz"
LONG_KEY = "eyJ" + "".join(sha256(bytes([n])).hexdigest() for n in range(11))  # as long as a JWT


@dataclass
class Connection:
    host: str = "https://api.example.com/"
    password: str = KEY
    port: Any = None
    extra_dejson: dict[str, Any] = field(default_factory=dict)
    conn_id: str = "usage"
    extra: str = ""


def read(**fields: Any) -> ClientSettings:
    extra = {"organization_id": "org", **fields.pop("extra_dejson", {})}
    return read_settings(
        Connection(**fields, extra_dejson=extra), "API URL", None, ("Token", "Bearer"), ("organization_id",)
    )


def shows(text: str, key: str) -> list[str]:
    return [key[n : n + 8] for n in range(len(key) - 7) if key[n : n + 8] in text]


@pytest.mark.parametrize(
    "fields",
    [
        {"host": f"https://api.example.com/{KEY}"},
        {"host": f"https://{KEY}.example.com"},
        {"extra_dejson": {"billing_account_id": KEY}},
        {"extra_dejson": {"billing_account_id": f"account of {KEY}"}},
        {"extra_dejson": {"organization_id": KEY}},
    ],
    ids=str,
)
def test_p10_a_key_that_is_also_in_a_field_that_is_shown_or_loaded_is_an_error(fields):
    with pytest.raises(UsageConfigError, match="contains the API key, which belongs in the password field") as raised:
        read(**fields)
    assert shows(str(raised.value), KEY) == []


@pytest.mark.parametrize("password", ["", "two words", "short"])
@pytest.mark.parametrize(
    "fields",
    [
        {"host": KEY},
        {"host": f"https://api.example.com/{KEY}"},
        {"port": KEY},
        *(
            {"extra_dejson": {name: value}}
            for name in ("billing_account_id", "timeout", "verify", "max_answer_mb", "auth_scheme", "organization_id")
            for value in (KEY, KEY[:28], KEY[:8], f"Token {KEY}", {KEY: 1}, [KEY])
        ),
        {"extra_dejson": {KEY: KEY}},
    ],
    ids=str,
)
def test_p10_no_field_is_shown_that_could_hold_the_key_while_the_password_is_wrong(fields, password):
    with pytest.raises(UsageConfigError) as raised:
        read(password=password, **fields)
    assert shows(str(raised.value), KEY) == []


@pytest.mark.parametrize("password", ["", LONG_KEY])
@pytest.mark.parametrize("name", ["timeout", "verify", "max_answer_mb", "auth_scheme"])
def test_p10_a_key_that_is_too_long_for_a_files_name_is_not_shown(name, password):
    with pytest.raises(UsageConfigError, match=name) as raised:
        read(password=password, extra_dejson={name: LONG_KEY})
    assert find_chain(raised.value) == [raised.value]
    assert leaked(everything_about(raised.value), LONG_KEY) == []
    assert leaked(collect(raised.value), LONG_KEY) == []


def test_p10_a_certificate_pasted_into_verify_is_an_error_in_words():
    with pytest.raises(UsageConfigError, match="verify must be true, false or the path of a CA bundle that can be"):
        read(extra_dejson={"verify": f"-----BEGIN CERTIFICATE-----\n{LONG_KEY}"})


@pytest.mark.parametrize("name", [KEY, KEY.upper(), "sk_live_51H8", "AbCdEfGhIjKlMnOpQr", "a" * 61])
def test_p10_the_name_of_an_extra_that_could_be_a_key_is_not_shown(name):
    (warning,) = find_warnings(read(password="another-key-0123456789", extra_dejson={name: ""}))
    assert name not in warning
    assert "not used: ***." in warning


@pytest.mark.parametrize("name", ["billing_acount_id", "billingAccountId", "time-out", "extra__adverity__timeout"])
def test_the_name_of_an_extra_that_is_misspelled_is_shown(name):
    (warning,) = find_warnings(read(extra_dejson={name: ""}))
    assert re.search(rf"not used: {name}\.", warning)
