"""A server that is careless with the key: it puts it into what it says when something is wrong."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from datacoves_usage_provider.simulator.exchange import JSON, Request, Response


@dataclass(kw_only=True)
class KeyEcho:
    """``echo_key``: errors tell the key."""

    echo_key: bool = False

    def finish(self, request: Request, response: Response) -> Response:
        return echo_key(request, response) if self.echo_key else response


def echo_key(request: Request, response: Response) -> Response:
    """
    Add the key that ``request`` brought, plain, JSON-escaped, URL-encoded and base64, to an answer that is an error.

    An error is a status from 400 on, a page instead of JSON, or an object that says so with ``code`` or ``success``. In
    a JSON object the key ends each text in it.
    """
    key = request.headers.get("Authorization", "").partition(" ")[2]
    said = _read_object(response)
    if not key or not _is_error(response, said):
        return response
    text = f" Your key: {', '.join(spell(key))}"
    body = response.body.decode() + text if said is None else json.dumps(_append(said, text))
    return replace(response, body=body.encode())


def spell(key: str) -> tuple[str, str, str, str]:
    return key, json.dumps(key)[1:-1], quote(key, safe=""), base64.b64encode(key.encode()).decode()


def _read_object(response: Response) -> dict[str, Any] | None:
    try:
        said = json.loads(response.body)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _is_error(response: Response, said: dict[str, Any] | None) -> bool:
    refused = said is not None and (said.get("code", 0) != 0 or said.get("success") is False)
    return refused or response.status >= 400 or response.content_type not in (JSON, "")


def _append(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {name: _append(item, text) for name, item in value.items()}
    return value + text if isinstance(value, str) else value
