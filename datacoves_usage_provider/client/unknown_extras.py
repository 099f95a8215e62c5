"""Whether a connection has extras that nothing reads: a misspelt one would have its default without a word."""

from __future__ import annotations

from datacoves_usage_provider.client.redaction import Redactor
from datacoves_usage_provider.client.settings import EXTRAS, ClientSettings


def find_unknown_extras(settings: ClientSettings) -> str | None:
    """Return a warning that names the extras that are not read, and those that are, but not the key; None: all are."""
    if not settings.unknown_extras:
        return None
    return Redactor(settings.key).clean(
        f"Connection {settings.conn_id!r} has an extra that nothing reads: {', '.join(settings.unknown_extras)}. Is it "
        f"one of these, misspelt: {', '.join((*EXTRAS, *settings.identifiers))}?"
    )
