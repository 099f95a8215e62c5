"""A server that is careless with the key: it puts it into what it says when something is wrong."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from urllib.parse import quote

from datacoves_usage_provider.simulator.exchange import JSON, Request, Response


def echo_key(request: Request, response: Response) -> Response:
    """
    Add the key that ``request`` brought, plain, JSON-escaped, URL-encoded and base64, to an answer that is an error.

    An error is a status from 400 on, or a page instead of JSON. In a JSON object the key ends each text in it.
    """
    key = request.headers.get("Authorization", "").partition(" ")[2]
    if not key or (response.status < 400 and response.content_type in (JSON, "")):
        return response
    return replace(response, body=_append(response, f" Your key: {', '.join(spell(key))}").encode())


def spell(key: str) -> tuple[str, str, str, str]:
    return key, json.dumps(key)[1:-1], quote(key, safe=""), base64.b64encode(key.encode()).decode()


def _append(response: Response, text: str) -> str:
    try:
        said = json.loads(response.body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return response.body.decode() + text
    return json.dumps({name: value + text if isinstance(value, str) else value for name, value in said.items()})
