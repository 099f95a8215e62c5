"""What an HTTP status means for the person who reads the error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone

from datacoves_usage_provider.client.request import Response, UsageRequest
from datacoves_usage_provider.client.retry import parse_http_date, parse_retry_after
from datacoves_usage_provider.client.transport_errors import PROXY_WANTS_LOGIN
from datacoves_usage_provider.exceptions import (
    PageGoneError,
    RetriableError,
    UsageApiError,
    UsageConfigError,
    UsageDataError,
)
from datacoves_usage_provider.text import shorten

_FIRST_CHARACTER = re.compile(rb"\s*(\S)")
_RETRIABLE = frozenset({408, 429, *range(500, 600)})
_CHECK_KEY = (
    "Check the API key in the connection's password field: is it complete, made for this API and account, and not "
    "revoked?"
)
_REMEDIES: Mapping[int, str] = {
    401: _CHECK_KEY,
    404: "Check the URL in the connection's host field.",
    407: PROXY_WANTS_LOGIN,
}


def check_response(
    response: Response,
    request: UsageRequest,
    read_message: Callable[[bytes], str],
    remedies: Mapping[int, str],
) -> None:
    """
    Return if ``response`` may be read as data; otherwise raise the error for its status.

    ``RetriableError`` for 408, 429 and 5xx; ``UsageConfigError`` for a redirect, a rejected key, a wrong URL, an
    HTML page and a proxy that requires a password; ``UsageDataError`` for any other status below 400;
    ``PageGoneError`` for 404 on a later result page; ``UsageApiError`` for everything else. ``read_message`` finds the
    vendor's words in the body of an error response. ``remedies`` are what to do about 401 (also used for 403) or 404 if
    this API means by it something unusual.
    """
    if response.status == 200:
        return _check_is_not_html(response, request)
    status = f"{response.status} {shorten(response.reason)}".rstrip()
    message = f"{request.url} returned {status}{_quote(read_message, response.body)}"
    if response.status in _RETRIABLE:
        raise RetriableError(message, _read_retry_after(response))
    if response.status < 400:
        raise _explain_no_error(response, status, request)
    if _is_html(response):
        message += " The response is an HTML page, so it probably comes from a proxy or a firewall, not from the API."
    raise _explain_final(response.status, message, request, {**_REMEDIES, **remedies})


def _explain_no_error(response: Response, status: str, request: UsageRequest) -> UsageConfigError | UsageDataError:
    """Return what to raise for a status below 400: a redirect, 206 (a part of it) or 202 (nothing of it yet)."""
    if response.status >= 300 and "Location" in response.headers:
        return UsageConfigError(
            f"{request.url} returned {response.status}, a redirect to "
            f"{shorten(response.headers['Location'])}. Redirects are not followed, because the key would be sent "
            "along: put the final URL into the connection's host field."
        )
    return UsageDataError(
        f"{request.url} returned {status}, but usage is expected with status 200 only. None of it was loaded."
    )


def _explain_final(
    status: int, message: str, request: UsageRequest, remedies: Mapping[int, str]
) -> UsageConfigError | UsageApiError:
    """Return what to raise for a status from 400 on that no retry changes."""
    if status == 404 and request.page > 1:
        return PageGoneError(message)
    if status in (401, 403, 407) or (status == 404 and request.subject is None):
        return UsageConfigError(f"{message} {remedies[401 if status == 403 else status]}")
    if status == 404:
        return UsageApiError(
            f"There is no {request.subject}, or this key has no access to it, or the URL in the connection's host "
            f"field is wrong: {message}"
        )
    return UsageApiError(message)


def _read_retry_after(response: Response) -> float | None:
    # A date is read by the server's clock, which may differ from the one here.
    now = parse_http_date(response.headers.get("Date", "")) or datetime.now(timezone.utc)
    return parse_retry_after(response.headers.get("Retry-After"), now)


def _check_is_not_html(response: Response, request: UsageRequest) -> None:
    if _is_html(response):
        raise UsageConfigError(
            f"{request.url} returned an HTML page instead of JSON. Check the URL in the connection's host field; it "
            "may lead to a login page, a proxy or a web interface."
        )


def _is_html(response: Response) -> bool:
    """Look at the body first: some servers send JSON with the type of HTML."""
    first = _FIRST_CHARACTER.match(response.body)
    if first is not None and first[1] in b"<[{":
        return first[1] == b"<"
    return "html" in response.headers.get("Content-Type", "").lower()


def _quote(read_message: Callable[[bytes], str], body: bytes) -> str:
    message = read_message(body).strip()
    if not message:
        return "."
    return f": “{shorten(message)}”{'' if message.endswith(('.', '!', '?')) else '.'}"
