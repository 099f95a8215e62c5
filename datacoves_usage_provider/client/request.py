"""One question to a usage API and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from datacoves_usage_provider.chunk import Scope


@dataclass(frozen=True)
class UsageRequest:
    """
    A GET of ``url`` with ``params`` as its query; a parameter with several values is repeated.

    ``scope`` is what the answer may contain: fields of ``UsageRecord`` with their only values. ``subject`` is what a
    404 denies, in a user's words. ``may_be_gone``: it is a page that the answer before it announced; a 404 says that it
    is gone.
    """

    url: str
    params: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    scope: Scope = field(default_factory=dict)
    subject: str | None = None
    may_be_gone: bool = False


@dataclass(frozen=True)
class Answer:
    """
    A whole answer, unpacked, with the key masked wherever the server repeats it.

    The names of ``headers`` are looked up in any case. ``told_key``: the key was in ``body``.
    """

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    told_key: bool = False
