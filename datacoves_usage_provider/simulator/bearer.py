"""What an API with bearer keys looks at first."""

from __future__ import annotations

from datacoves_usage_provider.simulator.exchange import Request
from datacoves_usage_provider.simulator.refused import RefusedError


def check_method(request: Request) -> None:
    """Raises ``RefusedError`` for any other method than GET."""
    if request.method != "GET":
        raise RefusedError(405, "Method not allowed", {"Allow": "GET"})


def read_key(request: Request) -> str | None:
    """Return the key of ``Authorization: Bearer <key>``; None without one."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key if scheme.lower() == "bearer" else None
