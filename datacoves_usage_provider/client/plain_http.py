"""Whether the key would cross a network in the clear."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from datacoves_usage_provider.client.settings import ClientSettings


def find_plain_http(settings: ClientSettings) -> str | None:
    """
    Return a warning if ``settings`` send the key by plain HTTP; None for HTTPS, loopback and cluster-local names.

    Cluster-local are names without a dot, ``<service>.<namespace>.svc…``, and those that end with ``.local`` or
    ``.localhost``. A private address may be anywhere in a company, and is not.
    """
    parts = urlsplit(settings.url)
    if parts.scheme == "https" or _stays_near(parts.hostname or ""):
        return None
    return (
        f"Connection {settings.conn_id!r} sends its API key unencrypted to {parts.hostname}: put https:// in the place "
        "of http:// in its host field if the API answers there."
    )


def _stays_near(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        labels = host.rstrip(".").split(".")
        return len(labels) == 1 or labels[2:3] == ["svc"] or labels[-1] in ("local", "localhost")
