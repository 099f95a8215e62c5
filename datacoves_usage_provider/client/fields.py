"""The fields of a connection, one by one; a ``ValueError`` says what is wrong in the words of the form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from datacoves_usage_provider.columns import TEXT_LENGTH

_KEY = re.compile(r"[!-~]+")
_SHORTEST_KEY = 8
_IDENTIFIER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.~-]*")


def parse_extra(connection: Any) -> dict[str, Any]:
    extra = connection.extra_dejson
    # Airflow makes an empty dict of text that is not JSON.
    if not isinstance(extra, dict) or (connection.extra and not extra and connection.extra.strip() != "{}"):
        raise ValueError("its extra is not a JSON object")
    return extra


def parse_url(text: str | None, label: str) -> str:
    url = (text or "").strip().rstrip("/")
    if not url:
        raise ValueError(f"{label} (host) is empty")
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid:
        raise ValueError(f"{label} (host) must be a full URL that starts with https://")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{label} (host) must not contain a user, '?' or '#'; the key belongs in the password field")
    return url


def parse_key(text: str | None) -> str:
    key = (text or "").strip()
    if not key:
        raise ValueError("the API key (password) is empty (Airflow 2: to test a saved connection, type it again)")
    if not _KEY.fullmatch(key):
        raise ValueError(
            "the API key (password) contains white space, line breaks or characters other than ASCII: paste the key "
            "alone, without a word such as 'Token' before it"
        )
    if len(key) < _SHORTEST_KEY:
        raise ValueError(f"the API key (password) has {len(key)} characters, which is too short to be a complete key")
    return key


def parse_account(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)) or "\x00" in str(value):
        raise ValueError("billing_account_id must be text")
    account = str(value).strip()
    if len(account) > TEXT_LENGTH:
        raise ValueError(f"billing_account_id has {len(account)} characters; a column holds at most {TEXT_LENGTH}")
    return account


def parse_port(value: Any) -> None:
    """Accept only port 0, which Airflow 3.3.1 and 3.3.2 need before they test a connection."""
    if value:
        raise ValueError(f"its port must be empty or 0{_show(value)}: write the port into the URL")


def parse_choice(name: str, value: Any, choices: Sequence[str]) -> str:
    """Return the choice that equals ``value``, ignoring case; the first one if ``value`` is empty."""
    if _is_empty(value):
        return choices[0]
    chosen = next((choice for choice in choices if choice.lower() == str(value).strip().lower()), None)
    if chosen is None:
        raise ValueError(f"{name} must be {' or '.join(choices)}{_show(value)}")
    return chosen


def parse_identifier(name: str, value: Any) -> str:
    """Return an id that is safe in a URL and in a header."""
    text = "" if value is None else str(value).strip()
    if not text:
        raise ValueError(f"{name} is required")
    if not _IDENTIFIER.fullmatch(text):
        raise ValueError(f"{name} must contain only letters, digits, '-', '_', '.' and '~'{_show(text)}")
    return text


def parse_positive(name: str, value: Any, default: float, largest: float) -> float:
    if _is_empty(value):
        return default
    try:
        number = 0.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = 0.0
    if not 0 < number <= largest:
        raise ValueError(f"{name} must be a number greater than 0, and at most {largest:g}{_show(value)}")
    return number


def parse_verify(value: Any, default: bool | str) -> bool | str:
    if _is_empty(value):
        return default
    text = str(value).strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if not _exists(text):
        raise ValueError(f"verify must be true, false or the path of a CA bundle that can be read here{_show(text)}")
    return text


def _exists(path: str) -> bool:
    """Tell whether ``path`` can be found, without an error that quotes it: it could be a key, or too long."""
    try:
        return Path(path).exists()
    except OSError:
        return False


def _is_empty(value: Any) -> bool:
    return value is None or value == ""


def _show(value: Any) -> str:
    """End a sentence about what a field must be with its value, unless that could be a key."""
    length = len(str(value))
    if length < _SHORTEST_KEY:
        return f", not {value!r}"
    return f", not the {length} characters in it (hidden, because they could be a key)"
