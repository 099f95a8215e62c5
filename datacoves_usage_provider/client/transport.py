"""One try of one request: sent with the key, received within the connection's limits."""

from __future__ import annotations

import logging
from codecs import BOM_UTF8
from dataclasses import dataclass, field

import requests
from requests.auth import AuthBase
from requests.structures import CaseInsensitiveDict

from datacoves_usage_provider.client.decompression import ACCEPTED, decompress
from datacoves_usage_provider.client.limits import LimitedAdapter
from datacoves_usage_provider.client.redaction import RedactingFilter, Redactor
from datacoves_usage_provider.client.request import Response, UsageRequest
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.client.transport_errors import explain_transport_error
from datacoves_usage_provider.exceptions import (
    RetriableError,
    TooLargeError,
    TooSlowError,
    UsageApiUnavailableError,
    UsageConfigError,
    UsageError,
)

LOGGERS = ("urllib3.connection", "urllib3.connectionpool", "urllib3.response")
"""The loggers that quote what a server sends."""

_READ_AT_ONCE = 64 * 1024
_LARGEST_HEAD = 1_000_000


@dataclass(frozen=True)
class SchemeAuth(AuthBase):
    """Sends ``Authorization: <scheme> <key>``. As an auth object it wins over ``~/.netrc``; a header would not."""

    scheme: str
    key: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"{self.scheme} {self.key}"
        return request


class _Http(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None; otherwise requests would read the whole body of a redirect, however large, to follow it."""


class Transport:
    """
    Sends requests, each of which may take ``longest`` seconds in all; to be closed.

    While it is open, ``redactor`` also cleans what the libraries below log. ``reach_hint`` is what to check if the host
    cannot be reached.
    """

    def __init__(self, settings: ClientSettings, redactor: Redactor, reach_hint: str, longest: float) -> None:
        self._settings = settings
        self._redactor = redactor
        self._reach_hint = reach_hint
        self._longest = longest
        self._http = _Http()
        self._http.auth = SchemeAuth(settings.auth_scheme, settings.key)
        self._http.headers.update({"Accept": "application/json", "Accept-Encoding": ACCEPTED})
        self._http.stream = True
        self._adapter = LimitedAdapter(longest, settings.max_response_bytes + _LARGEST_HEAD)
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, self._adapter)
        self._filter = RedactingFilter(redactor)
        for name in LOGGERS:
            logging.getLogger(name).addFilter(self._filter)

    def abort(self) -> None:
        """Close the connections of all requests in flight, whatever they wait for, and of all that come."""
        self._adapter.abort()

    def close(self) -> None:
        for name in LOGGERS:
            logging.getLogger(name).removeFilter(self._filter)
        self._http.close()

    def send(self, request: UsageRequest) -> Response:
        """
        Return the response, whatever its status; ``RetriableError`` or a ``UsageError`` if none came whole.

        Of the library's own error only the text is kept: its request and its frames have the header with the key.
        """
        try:
            with self._http.get(
                request.url,
                params=dict(request.params),
                headers=dict(request.headers),
                timeout=self._settings.timeout,
                # Given with the request, because REQUESTS_CA_BUNDLE would win over a session's False.
                verify=self._settings.verify,
                # The key must not reach another host.
                allow_redirects=False,
            ) as response:
                return self._read(response)
        except Exception as error:  # noqa: BLE001 (whatever it is, it may have the key)
            explained = self._redactor.clean_error(self._explain(error, request))
        raise explained  # outside of the handler; otherwise the library's error would be its context

    def _explain(self, error: Exception, request: UsageRequest) -> Exception:
        if isinstance(error, (UsageError, RetriableError)):
            return error
        if isinstance(error, TooSlowError):
            return self._explain_slow(error, request)
        if isinstance(error, TooLargeError):
            return UsageConfigError(
                f"The response of {request.url} is larger than {self._settings.max_response_mb:g} MB. If that is "
                "expected, raise the connection's extra 'max_answer_mb'."
            )
        return explain_transport_error(error, request.url, self._reach_hint, self._redactor)

    def _explain_slow(self, error: TooSlowError, request: UsageRequest) -> UsageApiUnavailableError:
        if not error.received:
            return UsageApiUnavailableError(
                f"No complete response from {request.url}: nothing was received within {self._longest:g} seconds, "
                f"connecting included. Check the network, or let Airflow retry later. {self._reach_hint}".rstrip()
            )
        return UsageApiUnavailableError(
            f"{request.url} is still sending after {self._longest:g} seconds, {error.received} bytes so far: let "
            "Airflow retry later, or raise the connection's extra 'timeout'."
        )

    def _read(self, response: requests.Response) -> Response:
        """Return the response with the key masked in all that the server says, before anything looks at it."""
        headers = {name: self._redactor.clean(value) for name, value in response.headers.items()}
        # Unlike iter_content, read1 does not wait until a piece is full.
        pieces = iter(lambda: response.raw.read1(_READ_AT_ONCE, decode_content=False), b"")
        encoding, most = headers.get("Content-Encoding", ""), self._settings.max_response_bytes
        # Some servers begin UTF-8 with a byte order mark.
        body = decompress(pieces, encoding, response.url, most).removeprefix(BOM_UTF8)
        clean = self._redactor.clean_bytes(body)
        return Response(
            status=response.status_code,
            reason=self._redactor.clean(response.reason or ""),
            headers=CaseInsensitiveDict(headers),
            body=clean,
            leaked_key=clean != body,
        )
