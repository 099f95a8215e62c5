"""What can go wrong between a client and an API: each one in ``Simulator.faults`` applies to one request."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from http.client import responses
from typing import Any, Protocol

from datacoves_usage_provider.simulator.exchange import (
    HTML,
    JSON,
    Response,
    html_response,
    json_response,
    text_response,
)


class Fault(Protocol):
    """Turns the API's response into the one that the client gets."""

    def spoil(self, response: Response) -> Response: ...


@dataclass(frozen=True)
class Status:
    """
    Another status. ``retry_after`` is the header as sent: seconds, or an HTTP date.

    The body is ``{"detail": detail}``, or ``html``. Without both it is HTML from 500 on, as a proxy sends it, and
    JSON with a detail below.
    """

    code: int
    retry_after: int | str | None = None
    detail: str | None = None
    html: str | None = None

    def spoil(self, response: Response) -> Response:
        error = self._make_error()
        if self.retry_after is None:
            return error
        return replace(error, headers={**error.headers, "Retry-After": str(self.retry_after)})

    def _make_error(self) -> Response:
        reason = responses.get(self.code, "Error")
        if self.html is not None:
            return text_response(self.code, self.html, HTML)
        if self.detail is None and self.code >= 500:
            return html_response(self.code, f"{self.code} {reason}")
        return json_response(self.code, {"detail": self.detail or f"{reason}."})


@dataclass(frozen=True)
class Redirect:
    """To ``location``, which may be on another host."""

    location: str
    status: int = 302

    def spoil(self, response: Response) -> Response:
        return Response(self.status, headers={"Location": self.location})


@dataclass(frozen=True)
class Html:
    """A login page with status 200: that of a proxy, or of the web interface at its own address."""

    def spoil(self, response: Response) -> Response:
        return html_response(200, "Log in")


@dataclass(frozen=True)
class Body:
    """Any text: JSON of another shape, numbers that JSON can write but no column can hold, text that is not JSON."""

    text: str
    content_type: str = JSON
    status: int = 200

    def spoil(self, response: Response) -> Response:
        return text_response(self.status, self.text, self.content_type)


@dataclass(frozen=True)
class Rows:
    """Other rows: anything that ``json`` can write."""

    rows: Sequence[Any]

    def spoil(self, response: Response) -> Response:
        return json_response(200, list(self.rows))


@dataclass(frozen=True)
class Edit:
    """
    The API's own response with its JSON changed by ``change``: a wrong total, a missing field, an item twice.

    ``faults.Edit(lambda report: report | {"requests": 0})``. Numbers with a fraction are decimals.
    """

    change: Callable[[Any], Any]

    def spoil(self, response: Response) -> Response:
        return json_response(response.status, self.change(json.loads(response.body, parse_float=Decimal)))


@dataclass(frozen=True)
class EarlyEnd:
    """A complete response by its ``Content-Length``, whose text ends after ``size`` bytes."""

    size: int

    def spoil(self, response: Response) -> Response:
        return replace(response, body=response.body[: self.size])


@dataclass(frozen=True)
class CutAfter:
    """The right ``Content-Length``, but the connection is closed after ``size`` bytes of the body."""

    size: int

    def spoil(self, response: Response) -> Response:
        return replace(response, cut_after=self.size)


@dataclass(frozen=True)
class DropConnection:
    """The connection is closed before the first byte of a response."""

    def spoil(self, response: Response) -> Response:
        return replace(response, dropped=True)


@dataclass(frozen=True)
class Slow:
    """The right response, but its first byte only after ``seconds``."""

    seconds: float

    def spoil(self, response: Response) -> Response:
        return replace(response, delay=self.seconds)
