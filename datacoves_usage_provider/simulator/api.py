"""What a simulated API is: it responds, makes the Airflow connection to itself, and may leak the key in errors."""

from __future__ import annotations

import base64
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, ClassVar, Protocol
from urllib.parse import quote

from datacoves_usage_provider.simulator.connection import Connection
from datacoves_usage_provider.simulator.exchange import JSON, Request, Response


class Api(Protocol):
    """What ``Simulator`` serves. ``path`` is the beginning of the API's paths, such as ``/api/v1/billing``."""

    @property
    def path(self) -> str: ...

    def respond(self, request: Request) -> Response: ...

    def finish(self, request: Request, response: Response) -> Response:
        """Return the response as it leaves the server, also where a fault replaced that of the API."""
        ...


@dataclass(kw_only=True)
class SimulatedApi(ABC):
    """
    An API that this package simulates, without a socket.

    ``name``: the vendor's. ``path``: the beginning of the API's paths. ``conn_type``: that of its Airflow connection.
    ``host_path``: what the connection's host has after the origin. ``echo_key``: errors leak the key of the request.
    """

    name: ClassVar[str]
    path: ClassVar[str]
    conn_type: ClassVar[str]
    host_path: ClassVar[str] = ""

    key: str = ""
    echo_key: bool = False

    @property
    def extra(self) -> Mapping[str, str]:
        """What the connection needs besides host and key."""
        return {}

    def make_connection(self, origin: str) -> Connection:
        """``origin`` is where the API is served, such as ``http://127.0.0.1:41234``."""
        return Connection(self.conn_type, origin + self.host_path, self.key, self.extra)

    @abstractmethod
    def respond(self, request: Request) -> Response: ...

    def finish(self, request: Request, response: Response) -> Response:
        return leak_key(request, response) if self.echo_key else response


@dataclass(kw_only=True)
class InFlight:
    """
    Counts requests that overlap. ``latency``: seconds that a response takes; without any, few are seen to overlap.

    ``most_in_flight`` is the largest number of requests that overlapped; it may be set back to 0.
    """

    latency: float = 0.0
    most_in_flight: int = field(default=0, init=False)
    _in_flight: int = field(default=0, init=False, repr=False)
    _counting: Lock = field(default_factory=Lock, init=False, repr=False)

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """One request, from its arrival until its response is ready."""
        with self._counting:
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            time.sleep(self.latency)
            yield
        finally:
            with self._counting:
                self._in_flight -= 1


def leak_key(request: Request, response: Response) -> Response:
    """
    Add the key of ``request``, plain, JSON-escaped, URL-encoded and base64, to a response that is an error.

    An error is a status from 400 on, a page instead of JSON, or an object that says so with ``code`` or ``success``. In
    a JSON object the key is added to each text.
    """
    key = request.headers.get("Authorization", "").partition(" ")[2]
    found = _read_object(response)
    if not key or not _is_error(response, found):
        return response
    text = f" Your key: {', '.join(_spell(key))}"
    body = response.body.decode() + text if found is None else json.dumps(_append(found, text))
    return replace(response, body=body.encode())


def _spell(key: str) -> tuple[str, str, str, str]:
    return key, json.dumps(key)[1:-1], quote(key, safe=""), base64.b64encode(key.encode()).decode()


def _read_object(response: Response) -> dict[str, Any] | None:
    try:
        found = json.loads(response.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _is_error(response: Response, found: dict[str, Any] | None) -> bool:
    says_so = found is not None and (found.get("code", 0) != 0 or found.get("success") is False)
    return says_so or response.status >= 400 or response.content_type not in (JSON, "")


def _append(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {name: _append(item, text) for name, item in value.items()}
    return value + text if isinstance(value, str) else value
