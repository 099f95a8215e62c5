"""What an Airflow connection says about a usage API, checked as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
from datacoves_usage_provider.client.redaction import Redactor
from datacoves_usage_provider.exceptions import UsageConfigError

_LONGEST_TIMEOUT = 3600.0
_LARGEST_RESPONSE_MB = 10_000.0
_BYTES_PER_MB = 1_000_000
EXTRAS = ("billing_account_id", "timeout", "verify", "max_answer_mb", "auth_scheme")
"""What the extras of every connection may have, besides the identifiers of its API."""


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
    unknown = set(extra).difference(EXTRAS, found["identifiers"])
    return ClientSettings(conn_id=connection.conn_id, unknown_extras=tuple(sorted(unknown)), **found)


def _find_key_elsewhere(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong where the key is also in a field that errors, logs and tables show."""
    redactor = Redactor(found["key"])
    shown = {"the URL (host)": found["url"], "billing_account_id": found["billing_account_id"], **found["identifiers"]}
    for name, value in shown.items():
        if redactor.clean(value) != value:
            yield f"{name} contains the API key, which belongs in the password field alone"
