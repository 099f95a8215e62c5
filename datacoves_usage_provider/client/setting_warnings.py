"""Warnings about settings of a connection that work, but may be mistakes."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from datacoves_usage_provider.client.redaction import MASK, Redactor
from datacoves_usage_provider.client.settings import EXTRAS, ClientSettings

_WORDS = re.compile(r"[A-Za-z]+([_-]+[A-Za-z]+)*")
_LONGEST_NAME = 60


def find_warnings(settings: ClientSettings) -> list[str]:
    """Return a warning for each such setting; none leaks the key."""
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
        f"The extras of this type are {', '.join((*EXTRAS, *settings.identifiers))}."
    )


def _show_name(name: str) -> str:
    """Show the name of an extra if it is made of words; anything else could be a key in the wrong place."""
    return " ".join(part if _is_made_of_words(part) else MASK for part in name.split())


def _is_made_of_words(text: str) -> bool:
    """Tell whether it has no digit, few capitals and a name's length: keys are not like that."""
    capitals = sum(char.isupper() for char in text)
    return len(text) <= _LONGEST_NAME and _WORDS.fullmatch(text) is not None and 4 * capitals <= len(text)
