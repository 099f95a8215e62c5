"""A request and its answer as values, so that an API can be asked without a socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from datacoves_usage_provider.simulator.exact import write_json

JSON = "application/json"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """
    What a client sent.

    ``target`` is the path and the query as they came. The names of ``headers`` are spelled ``Like-This``, whatever the
    client wrote. ``status`` is what the server answered: None before that, and if it closed the connection instead.
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


class Api(Protocol):
    """One API. ``path`` is where its own paths begin, such as ``/api/v1/billing``."""

    @property
    def path(self) -> str: ...

    def answer(self, request: Request) -> Response: ...

    def finish(self, request: Request, response: Response) -> Response:
        """Return the answer as it leaves the server, also where a fault replaced that of the API."""
        ...


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
