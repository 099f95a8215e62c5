"""What a Django REST framework server says by itself: to a missing slash, a wrong token or method, and for no page."""

from __future__ import annotations

from datacoves_usage_provider.simulator.exchange import Request, Response, html_response, json_response


def no_such_page() -> Response:
    return html_response(404, "Not Found")


def add_slash(request: Request) -> Response:
    """``APPEND_SLASH``: the same address with a slash after the path, the query kept."""
    _, mark, query = request.target.partition("?")
    return Response(301, headers={"Location": f"{request.path}/{mark}{query}"})


def check_method(request: Request) -> Response | None:
    """Return the refusal of any other method than GET."""
    if request.method == "GET":
        return None
    return json_response(405, {"detail": f'Method "{request.method}" not allowed.'}, {"Allow": "GET"})


def check_token(request: Request, key: str, scheme: str = "Token") -> Response | None:
    """Return the refusal of an ``Authorization`` header that is not ``<scheme> <key>``."""
    problem = _find_problem(request.headers.get("Authorization", "").split(), key, scheme)
    return json_response(401, {"detail": problem}, {"WWW-Authenticate": scheme}) if problem else None


def _find_problem(words: list[str], key: str, scheme: str) -> str | None:
    if not words or words[0].lower() != scheme.lower():
        return "Authentication credentials were not provided."
    if len(words) == 1:
        return "Invalid token header. No credentials provided."
    if len(words) > 2:
        return "Invalid token header. Token string should not contain spaces."
    return None if words[1] == key else "Invalid token."
