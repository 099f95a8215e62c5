"""A request that an API refuses; each API has its own words and its own shape for it."""

from __future__ import annotations

from collections.abc import Mapping


class RefusedError(Exception):
    """``status`` is that of HTTP, and the text is what the API says."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.headers = headers
