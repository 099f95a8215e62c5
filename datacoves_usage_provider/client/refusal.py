"""What an HTTP status means for the person who reads the error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone

from datacoves_usage_provider.client.decoding import shorten
from datacoves_usage_provider.client.failure import PROXY_WANTS_PASSWORD
from datacoves_usage_provider.client.request import Answer, UsageRequest
from datacoves_usage_provider.client.retry import TryAgain, parse_http_date, parse_retry_after
from datacoves_usage_provider.exceptions import UsageApiError, UsageConfigError, UsageDataError

_MAY_PASS = frozenset({408, 429})
_CHECK_KEY = (
    "Check the API key in the connection's password field: is it whole, made for this API and account, and not revoked?"
)
_REMEDIES: Mapping[int, str] = {
    401: _CHECK_KEY,
    403: _CHECK_KEY,
    404: "Check the URL in the connection's host field.",
    407: PROXY_WANTS_PASSWORD,
}


class PageGoneError(UsageApiError):
    """A page that was announced is gone."""


def check_answer(
    answer: Answer,
    request: UsageRequest,
    conn_id: str,
    read_message: Callable[[bytes], str],
    remedies: Mapping[int, str],
) -> None:
    """
    Return if ``answer`` may be read as data; raise what its status calls for otherwise.

    ``TryAgain`` for 408, 429 and 5xx; ``UsageConfigError`` for a redirect, a refused key, a wrong URL, an HTML page and
    a proxy that wants a password; ``UsageDataError`` for what is no refusal and not 200 either; ``PageGoneError`` for a
    later page that is gone; ``UsageApiError`` for everything else. ``read_message`` finds the vendor's words in the
    body of a refusal. ``remedies`` are what to do about 401, 403 or 404 where this API means something else by it than
    most.
    """
    if answer.status == 200:
        return _check_is_no_page(answer, request, conn_id)
    status = f"{answer.status} {shorten(answer.reason)}"
    said = f"{request.url} answers {status}{_quote(read_message, answer.body)}"
    if may_pass(answer.status):
        raise TryAgain(said, _read_retry_after(answer))
    if 300 <= answer.status < 400 and "Location" in answer.headers:
        raise UsageConfigError(
            f"Connection {conn_id!r}: {request.url} answers {answer.status}, a redirect to "
            f"{shorten(answer.headers['Location'])}. Redirects are not followed, since the key would go "
            "along: put the URL that answers itself into the connection's host field."
        )
    if answer.status < 400:  # such as 206, a part of it, or 202, nothing of it yet
        raise UsageDataError(
            f"{request.url} answers {status}, but usage comes with status 200 alone. Nothing of it was loaded."
        )
    if _is_page(answer):
        said = f"{said} It came as an HTML page, as a proxy or a firewall in the API's place sends it."
    raise _explain_refusal(answer.status, said, request, conn_id, {**_REMEDIES, **remedies})


def may_pass(status: int) -> bool:
    """Tell whether a later try may be answered."""
    return status in _MAY_PASS or 500 <= status < 600


def _explain_refusal(
    status: int, said: str, request: UsageRequest, conn_id: str, remedies: Mapping[int, str]
) -> UsageConfigError | UsageApiError:
    """Return what to raise for a status from 400 on that no later try mends."""
    if status == 404 and request.may_be_gone:
        return PageGoneError(said)
    if status in (401, 403, 407) or (status == 404 and request.subject is None):
        return UsageConfigError(f"Connection {conn_id!r}: {said} {remedies[status]}")
    if status == 404:
        return UsageApiError(
            f"There is no {request.subject}, or this key has no access to it, or the URL in the connection's host "
            f"field is wrong: {said}"
        )
    return UsageApiError(said)


@contextmanager
def honour_retry_after(answer: Answer) -> Iterator[None]:
    """Let a ``TryAgain`` from within, such as a 429 in the body of a 200, wait as long as ``answer`` asks for."""
    try:
        yield
    except TryAgain as error:
        if error.retry_after is None:
            error.retry_after = _read_retry_after(answer)
        raise


def _read_retry_after(answer: Answer) -> float | None:
    # A date is one of the server's clock, which may be wrong, or right where this one is wrong.
    now = parse_http_date(answer.headers.get("Date", "")) or datetime.now(timezone.utc)
    return parse_retry_after(answer.headers.get("Retry-After"), now)


def _check_is_no_page(answer: Answer, request: UsageRequest, conn_id: str) -> None:
    if _is_page(answer):
        raise UsageConfigError(
            f"Connection {conn_id!r}: {request.url} answers with an HTML page instead of JSON. Check the URL in the "
            "connection's host field; a login page or a proxy may answer in the API's place."
        )


def _is_page(answer: Answer) -> bool:
    return "html" in answer.headers.get("Content-Type", "").lower() or answer.body.lstrip()[:1] == b"<"


def _quote(read_message: Callable[[bytes], str], body: bytes) -> str:
    message = read_message(body).strip()
    if not message:
        return "."
    return f": “{shorten(message)}”{'' if message.endswith(('.', '!', '?')) else '.'}"
