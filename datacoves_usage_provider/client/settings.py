"""What an Airflow connection says about a usage API, checked as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
_LARGEST_ANSWER_MB = 10_000.0
_BYTES_PER_MB = 1_000_000
EXTRAS = ("billing_account_id", "timeout", "verify", "max_answer_mb", "auth_scheme")
"""Those of every connection."""


@dataclass(frozen=True)
class ClientSettings:
    """
    The settings of one connection.

    ``url`` has no slash at its end. ``auth_scheme`` is the word before the key. ``timeout`` is in seconds,
    ``max_answer_bytes`` counts the unpacked answer. ``verify`` is what ``requests`` takes: True, False or the path of
    a CA bundle. ``identifiers`` are what the API needs besides, by name. ``unknown_extras`` are not read.
    """

    conn_id: str
    url: str
    key: str = field(repr=False)
    billing_account_id: str
    auth_scheme: str = "Token"
    identifiers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 30.0
    verify: bool | str = True
    max_answer_bytes: int = 100 * _BYTES_PER_MB
    unknown_extras: tuple[str, ...] = ()


def read_settings(
    connection: Any,
    url_label: str,
    default_url: str | None = None,
    auth_schemes: Sequence[str] = ("Token",),
    identifiers: Iterable[str] = (),
) -> ClientSettings:
    """
    Return the settings in an Airflow connection, whose extras may be text (a connection given as a URI has no other).

    ``auth_schemes`` are those that the extra of this name may choose from, first the default; ``identifiers`` name
    extras that must be there.
    Raises one ``UsageConfigError`` that lists everything that is wrong, in the words of the form, and not the key.
    """
    problems: list[str] = []

    def read(parse: Callable[..., Any], *values: Any) -> Any:
        try:
            return parse(*values)
        except ValueError as error:
            problems.append(str(error))

    extra = read(parse_extra, connection) or {}
    timeout = read(parse_positive, "timeout", extra.get("timeout"), 30, _LONGEST_TIMEOUT)
    max_answer_mb = read(parse_positive, "max_answer_mb", extra.get("max_answer_mb"), 100, _LARGEST_ANSWER_MB)
    url = read(parse_url, connection.host or default_url, url_label)
    read(parse_port, connection.port)
    key = read(parse_key, connection.password)
    account = read(parse_account, extra.get("billing_account_id"))
    verify = read(parse_verify, extra.get("verify"))
    auth_scheme = read(parse_choice, "auth_scheme", extra.get("auth_scheme"), auth_schemes)
    ids = {name: read(parse_identifier, name, extra.get(name)) for name in identifiers}
    if problems:
        said = f"Connection {connection.conn_id!r}: {'; '.join(problems)}."
        raise UsageConfigError(said if key is None else Redactor(key).clean(said))
    return ClientSettings(
        conn_id=connection.conn_id,
        url=url,
        key=key,
        billing_account_id=account or connection.conn_id,
        auth_scheme=auth_scheme,
        identifiers=ids,
        timeout=timeout,
        verify=verify,
        max_answer_bytes=int(max_answer_mb * _BYTES_PER_MB),
        unknown_extras=tuple(sorted(set(extra).difference(EXTRAS, ids))),
    )
