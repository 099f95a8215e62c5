"""What an Airflow connection says about a usage API, checked as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from datacoves_usage_provider.exceptions import UsageConfigError

_KEY = re.compile(r"[!-~]+")
_ACCOUNT_LENGTH = 255
_BYTES_PER_MB = 1_000_000


@dataclass(frozen=True)
class ClientSettings:
    """
    The settings of one connection.

    ``url`` has no slash at its end. ``timeout`` is in seconds, ``max_answer_bytes`` counts the unpacked answer.
    ``verify`` is what ``requests`` takes: True, False or the path of a CA bundle.
    """

    conn_id: str
    url: str
    key: str = field(repr=False)
    billing_account_id: str
    timeout: float = 30.0
    verify: bool | str = True
    max_answer_bytes: int = 100 * _BYTES_PER_MB


def read_settings(connection: Any, url_label: str) -> ClientSettings:
    """
    Return the settings in an Airflow connection, whose extras may be text (a connection given as a URI has no other).

    Raises one ``UsageConfigError`` that lists everything that is wrong, in the words of the form.
    """
    extra = connection.extra_dejson
    problems: list[str] = []

    def read(parse: Callable[[Any], Any], value: Any) -> Any:
        try:
            return parse(value)
        except ValueError as error:
            problems.append(str(error))

    settings = ClientSettings(
        conn_id=connection.conn_id,
        url=read(lambda host: _parse_url(host, url_label), connection.host),
        key=read(_parse_key, connection.password),
        billing_account_id=read(_parse_account, extra.get("billing_account_id")) or connection.conn_id,
        timeout=read(lambda value: _parse_positive("timeout", value), extra.get("timeout") or 30),
        verify=read(_parse_verify, extra.get("verify", True)),
        max_answer_bytes=int(
            _BYTES_PER_MB
            * (read(lambda value: _parse_positive("max_answer_mb", value), extra.get("max_answer_mb") or 100) or 0)
        ),
    )
    if problems:
        raise UsageConfigError(f"Connection {connection.conn_id!r}: {'; '.join(problems)}.")
    return settings


def _parse_url(text: str | None, label: str) -> str:
    url = (text or "").strip().rstrip("/")
    if not url:
        raise ValueError(f"{label} (host) is empty")
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid:
        raise ValueError(f"{label} (host) must be a whole URL that starts with https://, not {url!r}")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{label} (host) must not contain a user, '?' or '#'; the key belongs in the password field")
    return url


def _parse_key(text: str | None) -> str:
    key = (text or "").strip()
    if not key:
        raise ValueError("the API key (password) is empty")
    if not _KEY.fullmatch(key):
        raise ValueError(
            "the API key (password) has white space, line breaks or characters other than ASCII inside, which no key "
            "has: paste the key alone, without a word such as 'Token' before it"
        )
    return key


def _parse_account(value: Any) -> str:
    account = str(value or "").strip()
    if len(account) > _ACCOUNT_LENGTH:
        raise ValueError(f"billing_account_id has {len(account)} characters, of which a column holds {_ACCOUNT_LENGTH}")
    return account


def _parse_positive(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.0
    if isinstance(value, bool) or not 0 < number < float("inf"):
        raise ValueError(f"{name} must be a number greater than 0, not {value!r}")
    return number


def _parse_verify(value: Any) -> bool | str:
    if value is None or value == "":
        return True
    if isinstance(value, bool):
        return value
    text = str(value).strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if not Path(text).exists():
        raise ValueError(f"verify must be true, false or the path of a CA bundle that exists here, not {text!r}")
    return text
