"""What an Airflow connection says about a usage API, checked as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from datacoves_usage_provider.client.fields import (
    parse_account,
    parse_choice,
    parse_extra,
    parse_identifier,
    parse_key,
    parse_port,
    parse_positive,
    parse_url,
    parse_verify,
)
from datacoves_usage_provider.client.redaction import MASK, Redactor
from datacoves_usage_provider.exceptions import UsageConfigError

_LONGEST_TIMEOUT = 3600.0
_LARGEST_RESPONSE_MB = 10_000.0
_BYTES_PER_MB = 1_000_000
_WORDS = re.compile(r"[A-Za-z]+([_-]+[A-Za-z]+)*")
_LONGEST_NAME = 60
_EXTRAS = ("billing_account_id", "timeout", "verify", "max_answer_mb", "auth_scheme")


@dataclass(frozen=True)
class ClientSettings:
    """
    The settings of one connection, with the defaults of what it leaves out.

    ``url`` does not end with a slash. ``auth_scheme`` is the word before the key. ``timeout`` is in seconds;
    ``max_response_mb`` limits the decompressed response. ``verify`` is what ``requests`` takes: True, False or the path
    of a CA bundle. ``identifiers`` are what the API needs besides, by name. ``unknown_extras`` are not used.
    """

    conn_id: str
    url: str
    key: str = field(repr=False)
    billing_account_id: str
    auth_scheme: str = "Token"
    identifiers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 30.0
    verify: bool | str = True
    max_response_mb: float = 100.0
    unknown_extras: tuple[str, ...] = ()

    @property
    def max_response_bytes(self) -> int:
        return int(self.max_response_mb * _BYTES_PER_MB)


def read_settings(
    connection: Any, url_label: str, default_url: str | None, auth_schemes: Sequence[str], identifiers: Iterable[str]
) -> ClientSettings:
    """
    Return the settings in an Airflow connection, whose extras may be text (a URI cannot have any other).

    ``auth_schemes`` are the values that the extra ``auth_scheme`` may have, the default first; ``identifiers`` are
    the names of extras that must be there.

    Raises one ``UsageConfigError`` that lists everything that is wrong, in the words of the form, and nothing that
    could be the key.
    """
    conn_id = connection.conn_id
    found = _read(connection, url_label, default_url, auth_schemes, identifiers)
    del connection  # error reporters show the local variables of each frame that an error passes
    if isinstance(found, ClientSettings):
        return found
    raise UsageConfigError(f"Connection {conn_id!r}: {'; '.join(found)}.")


def _read(
    connection: Any, url_label: str, default_url: str | None, auth_schemes: Sequence[str], identifiers: Iterable[str]
) -> ClientSettings | list[str]:
    """Return the settings, or what is wrong with them."""
    problems: list[str] = []

    def read(parse: Callable[..., Any], *values: Any) -> Any:
        try:
            return parse(*values)
        except ValueError as error:
            problems.append(str(error))

    extra = read(parse_extra, connection) or {}
    found: dict[str, Any] = {
        "url": read(parse_url, connection.host or default_url, url_label),
        "key": read(parse_key, connection.password),
        "billing_account_id": read(parse_account, extra.get("billing_account_id")) or connection.conn_id,
        "auth_scheme": read(parse_choice, "auth_scheme", extra.get("auth_scheme"), auth_schemes),
        "identifiers": {name: read(parse_identifier, name, extra.get(name)) for name in identifiers},
        "timeout": read(parse_positive, "timeout", extra.get("timeout"), ClientSettings.timeout, _LONGEST_TIMEOUT),
        "verify": read(parse_verify, extra.get("verify"), ClientSettings.verify),
        "max_response_mb": read(
            parse_positive,
            "max_answer_mb",
            extra.get("max_answer_mb"),
            ClientSettings.max_response_mb,
            _LARGEST_RESPONSE_MB,
        ),
    }
    read(parse_port, connection.port)
    if problems or (problems := list(_find_key_elsewhere(found))):
        return problems
    unknown = set(extra).difference(_EXTRAS, found["identifiers"])
    return ClientSettings(conn_id=connection.conn_id, unknown_extras=tuple(sorted(unknown)), **found)


def _find_key_elsewhere(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong where the key is also in a field that errors, logs and tables show."""
    redactor = Redactor(found["key"])
    shown = {"the URL (host)": found["url"], "billing_account_id": found["billing_account_id"], **found["identifiers"]}
    for name, value in shown.items():
        if redactor.clean(value) != value:
            yield f"{name} contains the API key, which belongs in the password field alone"


def find_warnings(settings: ClientSettings) -> list[str]:
    """Return a warning for each setting that works, but may be a mistake; none of them leaks the key."""
    warnings = list(filter(None, (_check_encryption(settings), _check_extras(settings))))
    return [Redactor(settings.key).clean(f"Connection {settings.conn_id!r} {warning}") for warning in warnings]


def _check_encryption(settings: ClientSettings) -> str | None:
    parts = urlsplit(settings.url)
    if parts.scheme == "https" or _stays_near(parts.hostname or ""):
        return None
    return (
        f"sends its API key unencrypted to {parts.hostname}: use https:// instead of http:// in its host field if the "
        "API supports it."
    )


def _stays_near(host: str) -> bool:
    """
    Tell whether ``host`` is a loopback address, or a name that only this machine or this cluster resolves.

    These are names without a dot, ``<service>.<namespace>.svc…``, and those that end with ``.local`` or ``.localhost``.
    A private address may be anywhere in a company, and is not near.
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        labels = host.rstrip(".").split(".")
        return len(labels) == 1 or labels[2:3] == ["svc"] or labels[-1] in ("local", "localhost")


def _check_extras(settings: ClientSettings) -> str | None:
    if not settings.unknown_extras:
        return None
    return (
        f"has extras that are not used: {', '.join(map(_show_name, settings.unknown_extras))}. Are they misspelled? "
        f"The extras of this type are {', '.join((*_EXTRAS, *settings.identifiers))}."
    )


def _show_name(name: str) -> str:
    """Show the name of an extra if it is made of words; anything else could be a key in the wrong place."""
    return " ".join(part if _is_made_of_words(part) else MASK for part in name.split())


def _is_made_of_words(text: str) -> bool:
    """Tell whether it has no digit, few capitals and a name's length: keys are not like that."""
    capitals = sum(char.isupper() for char in text)
    return len(text) <= _LONGEST_NAME and _WORDS.fullmatch(text) is not None and 4 * capitals <= len(text)
