"""One HTTP session to one usage API."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from datacoves_usage_provider.client.auth import SchemeAuth
from datacoves_usage_provider.client.failure import explain_failure
from datacoves_usage_provider.client.redaction import RedactingFilter, Redactor
from datacoves_usage_provider.client.request import Answer, UsageRequest
from datacoves_usage_provider.client.retry import MAX_TRIES, call_patiently
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.exceptions import UsageConfigError, UsageError

T = TypeVar("T")

_READ_AT_ONCE = 64 * 1024
_LOGGERS = ("urllib3.connection", "urllib3.connectionpool", "urllib3.response")


class UsageSession:
    """
    Sends requests one after another and counts them; to be closed.

    ``requests_sent`` counts every try, ``retries`` those beyond the first of each request. ``hint`` is what to think of
    when the host cannot be reached.
    """

    def __init__(
        self,
        settings: ClientSettings,
        auth_scheme: str,
        log: logging.Logger,
        hint: str = "",
        max_tries: int = MAX_TRIES,
    ):
        self.requests_sent = 0
        self.retries = 0
        self.base_url = settings.url
        self.billing_account_id = settings.billing_account_id
        self._redactor = Redactor(settings.key)
        self._settings = settings
        self._auth = SchemeAuth(auth_scheme, settings.key)
        self._log = log
        self._hint = hint
        self._max_tries = max_tries
        self._http = requests.Session()
        self._filter = RedactingFilter(self._redactor)
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._filter)

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
            self.requests_sent += 1
            return parse(self._send(request))

        try:
            answer, tries = call_patiently(send, self._max_tries, self._warn)
        except UsageError as error:
            clean = self._redactor.clean_error(error)
        else:
            self.retries += tries - 1
            return answer
        # Raised outside of the handler, or the error that may tell the key would ride along as its context.
        raise clean

    def _warn(self, text: str) -> None:
        self._log.warning("%s", self._redactor.clean(text))

    def _send(self, request: UsageRequest) -> Answer:
        try:
            with self._http.get(
                request.url,
                params=dict(request.params),
                auth=self._auth,
                headers={"Accept": "application/json"},
                timeout=self._settings.timeout,
                # Given with the request, because REQUESTS_CA_BUNDLE would win over a session's False.
                verify=self._settings.verify,
                # The key must not reach another host.
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._clean(response, self._read(response))
        except (OSError, ValueError, HTTPError) as error:  # all that requests raises, and what it lets pass of others
            raise explain_failure(error, request.url, self._settings.conn_id, self._hint) from error

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
        body = bytearray()
        for part in response.iter_content(_READ_AT_ONCE):
            body += part
            if len(body) > self._settings.max_answer_bytes:
                raise UsageConfigError(
                    f"Connection {self._settings.conn_id!r}: the answer of {response.url} is larger than "
                    f"{self._settings.max_answer_bytes / 1e6:g} MB. If that can be right, raise the connection's extra "
                    "'max_answer_mb'."
                )
        return bytes(body)
