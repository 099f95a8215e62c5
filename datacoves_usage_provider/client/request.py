"""One request to a usage API and the response to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.window import UsageWindow


@dataclass(frozen=True)
class UsageRequest:
    """
    A GET of ``url`` with ``params`` as its query; a parameter with several values is repeated.

    ``window`` and ``scope`` are what it is for: a response with anything outside the scope is an error. ``page`` is the
    number of the result page, from 1; ``received``, which the reader fills in, is how many records the pages before it
    had. ``subject`` is what does not exist if the status is 404, in a user's words, such as ``environment 'abc123'``.
    """

    url: str
    window: UsageWindow
    params: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)
    page: int = 1
    received: int = 0
    subject: str | None = None

    def next_page(self, **params: str) -> UsageRequest:
        """Return the request for the page after this one, with ``params`` added or replaced."""
        return replace(self, page=self.page + 1, params={**self.params, **params})


@dataclass(frozen=True)
class Response:
    """
    A whole response, decompressed, with the key masked wherever the server repeats it.

    The names of ``headers`` are looked up in any case. ``leaked_key``: the key was in ``body``.
    """

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    leaked_key: bool = False
