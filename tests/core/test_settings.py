"""A connection's fields: what is wrong with them is said in full, and never with what could be the key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from datacoves_usage_provider.client.setting_warnings import find_warnings
from datacoves_usage_provider.client.settings import ClientSettings, read_settings
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.get_provider_info import get_provider_info
from tests.support.secrecy import everything_about, leaked

KEY = "kY7-0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass
class Connection:
    """The fields of an Airflow connection that are read."""

    host: str = "https://api.example.com/"
    password: str = KEY
    port: Any = None
    extra_dejson: dict[str, Any] = field(default_factory=dict)
    conn_id: str = "usage"
    extra: str = ""


def read(connection: Connection) -> ClientSettings:
    return read_settings(connection, "API URL", None, ("Token", "Bearer"), ("organization_id",))


def read_wrong(**fields: Any) -> UsageConfigError:
    with pytest.raises(UsageConfigError) as raised:
        read(Connection(**fields))
    return raised.value


@pytest.mark.parametrize("password", [KEY, ""])
@pytest.mark.parametrize(
    "pasted", [f"{KEY}!", f"Token {KEY}", [KEY], {KEY: KEY}], ids=["key", "header", "list", "object"]
)
@pytest.mark.parametrize("name", ["timeout", "max_answer_mb", "auth_scheme", "organization_id", "verify"])
def test_p10_a_key_pasted_into_an_extra_is_not_shown(name, pasted, password):
    """Neither where it is also the password, nor where the password is still empty."""
    error = read_wrong(password=password, extra_dejson={"organization_id": "org", name: pasted})
    assert name in str(error)
    assert leaked(everything_about(error), KEY) == []


def test_p10_a_key_pasted_into_host_or_port_is_not_shown():
    error = read_wrong(host=KEY, port=KEY)
    assert "API URL (host)" in str(error)
    assert "its port must be empty or 0" in str(error)
    assert leaked(everything_about(error), KEY) == []


def test_a_value_too_short_for_a_key_is_shown():
    error = read_wrong(
        extra_dejson={"organization_id": "a/b", "timeout": "soon", "auth_scheme": "Basic", "verify": "no"}
    )
    assert [shown for shown in ("'a/b'", "'soon'", "'Basic'", "'no'") if shown not in str(error)] == []


def test_a_longer_value_is_described_by_its_length():
    error = read_wrong(extra_dejson={"organization_id": "org", "verify": "/no/such/bundle.pem"})
    assert "not the 19 characters in it (hidden, because they could be a key)" in str(error)


def test_a_number_too_large_for_a_float_is_an_error_in_words():
    error = read_wrong(extra_dejson={"organization_id": "org", "timeout": 10**400})
    assert "timeout must be a number greater than 0, and at most 3600, not the 401 characters in it" in str(error)


def test_a_connection_without_extras_has_the_defaults_that_the_form_names():
    settings = read(Connection(extra_dejson={"organization_id": "org"}))
    assert settings == ClientSettings(
        "usage", "https://api.example.com", KEY, "usage", identifiers={"organization_id": "org"}
    )
    forms = {form["connection-type"]: form["conn-fields"] for form in get_provider_info()["connection-types"]}
    named = {name: form["description"].rpartition("Default: ")[2] for name, form in forms["adverity"].items()}
    assert named["timeout"] == f"{settings.timeout:g}."
    assert named["verify"] == f"{str(settings.verify).lower()}."
    assert named["max_answer_mb"] == f"{settings.max_response_mb:g}."
    assert named["auth_scheme"] == f"{settings.auth_scheme}."


def test_p10_a_warning_does_not_show_a_key_that_became_the_name_of_an_extra():
    settings = read(Connection(host="http://api.example.com", extra_dejson={"organization_id": "org", KEY: ""}))
    encryption, extras = find_warnings(settings)
    assert encryption.startswith("Connection 'usage' sends its API key unencrypted to api.example.com: ")
    assert extras.startswith("Connection 'usage' has extras that are not used: ***. Are they misspelled?")
