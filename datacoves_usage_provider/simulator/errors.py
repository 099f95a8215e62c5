"""Error responses: an exception for those that an API words itself, and those of Django REST framework."""

from __future__ import annotations

from collections.abc import Mapping

from datacoves_usage_provider.simulator.exchange import Request, Response, html_response, json_response


class HttpError(Exception):
    """An error response in the making: its text is the API's message, which each API puts into a shape of its own."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


def require_get(request: Request) -> None:
    """Raises ``HttpError`` for any other method."""
    if request.method != "GET":
        raise HttpError(405, "Method not allowed", {"Allow": "GET"})


def django_not_found() -> Response:
    """An HTML page: no view has the path."""
    return html_response(404, "Not Found")


def django_redirect(request: Request) -> Response:
    """``APPEND_SLASH``: to the same address with a slash after the path, the query kept."""
    _, mark, query = request.target.partition("?")
    return Response(301, headers={"Location": f"{request.path}/{mark}{query}"})


def django_error(request: Request, key: str, scheme: str = "Token") -> Response | None:
    """Return None for a GET with the header ``Authorization: <scheme> <key>``, which is right."""
    problem = _find_problem(request.headers.get("Authorization", "").split(), key, scheme)
    if problem:
        return json_response(401, {"detail": problem}, {"WWW-Authenticate": scheme})
    if request.method != "GET":
        return json_response(405, {"detail": f'Method "{request.method}" not allowed.'}, {"Allow": "GET"})
    return None


def _find_problem(words: list[str], key: str, scheme: str) -> str | None:
    if not words or words[0].lower() != scheme.lower():
        return "Authentication credentials were not provided."
    if len(words) == 1:
        return "Invalid token header. No credentials provided."
    if len(words) > 2:
        return "Invalid token header. Token string should not contain spaces."
    return None if words[1] == key else "Invalid token."
