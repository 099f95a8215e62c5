"""One HTTP session to one usage API."""

from __future__ import annotations

import logging
from codecs import BOM_UTF8
from collections.abc import Callable
from threading import Event, Lock
from typing import TypeVar

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from datacoves_usage_provider.client.auth import SchemeAuth
from datacoves_usage_provider.client.failure import explain_failure
from datacoves_usage_provider.client.limits import LimitedAdapter, TooLargeError, TooSlowError
from datacoves_usage_provider.client.pace import Pace
from datacoves_usage_provider.client.redaction import RedactingFilter, Redactor
from datacoves_usage_provider.client.request import Answer, UsageRequest
from datacoves_usage_provider.client.retry import MAX_TRIES, TryAgain, call_patiently
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.client.unpacking import ACCEPTED, unpack
from datacoves_usage_provider.exceptions import UsageApiUnavailableError, UsageConfigError, UsageError

T = TypeVar("T")

_READ_AT_ONCE = 64 * 1024
_LONGEST_IN_TIMEOUTS = 10
_LARGEST_HEAD = 1_000_000
_LOGGERS = ("urllib3.connection", "urllib3.connectionpool", "urllib3.response")


class _Http(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Name none: requests would otherwise read the whole body of a redirect, however large, to follow it later."""


class UsageSession:
    """
    Sends requests, up to ``most_at_once`` from as many threads, and counts them; to be closed.

    ``requests_sent`` counts every try of the requests that were answered, ``retries`` those beyond the first of each.
    ``hint`` is what to think of when the host cannot be reached. A try may take ``longest`` seconds in all, by default
    ten times as long as the connection's timeout.
    """

    def __init__(
        self,
        settings: ClientSettings,
        log: logging.Logger,
        hint: str = "",
        max_tries: int = MAX_TRIES,
        most_at_once: int = 1,
        longest: float | None = None,
    ):
        self.requests_sent = 0
        self.retries = 0
        self.settings = settings
        self._redactor = Redactor(settings.key)
        self._auth = SchemeAuth(settings.auth_scheme, settings.key)
        self._log = log
        self._hint = hint
        self._max_tries = max_tries
        self._longest = longest or _LONGEST_IN_TIMEOUTS * settings.timeout
        self._pace = Pace(most_at_once)
        self._counting = Lock()
        self._stopping = Event()
        self._http = _Http()
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, LimitedAdapter(self._longest, settings.max_answer_bytes + _LARGEST_HEAD))
        self._filter = RedactingFilter(self._redactor)
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._filter)

    def stop(self) -> None:
        """Let no request be tried again; those that are waiting to be fail at once."""
        self._stopping.set()

    def close(self) -> None:
        self._http.close()
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self._filter)

    def get(self, request: UsageRequest, parse: Callable[[Answer], T]) -> T:
        """
        Return what ``parse`` makes of the answer; try again while the transport or ``parse`` raises ``TryAgain``.

        Every error is a ``UsageError`` that does not tell the key.
        """

        def send() -> T:
            if self._stopping.is_set():
                raise UsageApiUnavailableError("Not asked any more, since another request failed.")
            try:
                parsed = parse(self._send(request))
            except TryAgain:
                self._pace.slow_down()
                raise
            self._pace.speed_up()
            return parsed

        try:
            with self._pace.turn():
                answer, tries = call_patiently(send, self._max_tries, self._warn, self._stopping)
        except UsageError as error:
            clean = self._redactor.clean_error(error)
        else:
            self._count(tries)
            return answer
        # Raised outside of the handler, or the error that may tell the key would ride along as its context.
        raise clean

    def _count(self, tries: int) -> None:
        with self._counting:
            self.requests_sent += tries
            self.retries += tries - 1

    def _warn(self, text: str) -> None:
        self._log.warning("%s", self._redactor.clean(text))

    def _send(self, request: UsageRequest) -> Answer:
        try:
            with self._http.get(
                request.url,
                params=dict(request.params),
                auth=self._auth,
                headers={"Accept": "application/json", "Accept-Encoding": ACCEPTED, **request.headers},
                timeout=self.settings.timeout,
                # Given with the request, because REQUESTS_CA_BUNDLE would win over a session's False.
                verify=self.settings.verify,
                # The key must not reach another host.
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._clean(response, self._read(response))
        except TooSlowError as error:
            raise UsageApiUnavailableError(
                f"{request.url} is still sending after {self._longest:g} seconds, {error.received} bytes so far: let "
                "Airflow try again later, or raise the connection's extra 'timeout'."
            ) from error
        except TooLargeError as error:
            raise UsageConfigError(
                f"Connection {self.settings.conn_id!r}: the answer of {request.url} is larger than "
                f"{self.settings.max_answer_bytes / 1e6:g} MB. If that can be right, raise the connection's extra "
                "'max_answer_mb'."
            ) from error
        except (OSError, ValueError, HTTPError) as error:  # all that requests raises, and what it lets pass of others
            raise explain_failure(error, request.url, self.settings.conn_id, self._hint) from error

    def _clean(self, response: requests.Response, body: bytes) -> Answer:
        """Mask the key in all that the server says, before anything looks at it."""
        clean = self._redactor.clean_bytes(body)
        return Answer(
            status=response.status_code,
            reason=self._redactor.clean(response.reason or ""),
            headers=CaseInsensitiveDict({n: self._redactor.clean(value) for n, value in response.headers.items()}),
            body=clean,
            told_key=clean != body,
        )

    def _read(self, response: requests.Response) -> bytes:
        """Return the body, unpacked, without the mark that some servers begin UTF-8 with."""
        body = bytearray()
        # Unlike iter_content, read1 does not wait until a part is full.
        parts = iter(lambda: response.raw.read1(_READ_AT_ONCE, decode_content=False), b"")
        for part in unpack(parts, response.headers.get("Content-Encoding", ""), response.url):
            body += part
            if len(body) > self.settings.max_answer_bytes:
                raise TooLargeError
        return bytes(body).removeprefix(BOM_UTF8)
