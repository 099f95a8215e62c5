"""HTTP requests and responses as values, so that an API can be called without a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

JSON = "application/json"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """
    What a client sent.

    ``target`` is the path and the query as they came. The names of ``headers`` are spelled ``Like-This``, whatever the
    client wrote. ``status`` is that of the response: None before it is known, and where the connection was closed
    without one.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The last value of each parameter, which is the one that Django reads; empty ones included."""
        return dict(self._parameters())

    @property
    def bearer_key(self) -> str | None:
        """The key of ``Authorization: Bearer <key>``; None without one."""
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        return key if scheme.lower() == "bearer" else None

    def values(self, name: str) -> tuple[str, ...]:
        """Return all values of a parameter that may be repeated."""
        return tuple(value for given, value in self._parameters() if given == name)

    def _parameters(self) -> list[tuple[str, str]]:
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)


@dataclass(frozen=True)
class Response:
    """
    What goes back, and how.

    ``Content-Length`` is always that of the whole ``body``. ``delay``: seconds before the first byte. ``cut_after``:
    bytes of the body after which the connection is closed. ``dropped``: it is closed without a byte.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut_after: int | None = None
    dropped: bool = False

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")


def text_response(status: int, text: str, content_type: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, text.encode(), {"Content-Type": content_type, **(headers or {})})


def json_response(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    return text_response(status, write_json(value), JSON, headers)


def html_response(status: int, title: str) -> Response:
    return text_response(
        status,
        f'<!doctype html>\n<html lang="en">\n<head><title>{title}</title></head>\n'
        f"<body>\n<h1>{title}</h1>\n</body>\n</html>\n",
        HTML,
    )


def write_json(value: Any) -> str:
    """Write what ``json.dumps`` can write, and decimals: in plain notation, with the digits that they have."""
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(name)}:{write_json(item)}' for name, item in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(write_json, value))}]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)
