"""One session with one usage API: requests are retried, limited and counted, and the key does not leak."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import TypeVar

from datacoves_usage_provider.client.concurrency import ConcurrencyLimit
from datacoves_usage_provider.client.redaction import Redactor
from datacoves_usage_provider.client.request import Response, UsageRequest
from datacoves_usage_provider.client.retry import MAX_TRIES, make_retrying
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.client.transport import Transport
from datacoves_usage_provider.exceptions import UsageApiUnavailableError, UsageError

T = TypeVar("T")

_LONGEST_IN_TIMEOUTS = 10


class UsageSession:
    """
    Sends requests, up to ``concurrency`` at once from as many threads, and counts them; to be closed.

    ``requests_sent`` counts every try of the requests that succeeded, ``retries`` those beyond the first of each.
    ``reach_hint`` is what to check if the host cannot be reached. A try may take ``longest`` seconds in all, by
    default ten times the connection's timeout.
    """

    def __init__(
        self,
        settings: ClientSettings,
        log: logging.Logger,
        reach_hint: str = "",
        max_tries: int = MAX_TRIES,
        concurrency: int = 1,
        longest: float | None = None,
    ):
        self.requests_sent = 0
        self.retries = 0
        self.settings = settings
        self._log = log
        self._max_tries = max_tries
        self._limit = ConcurrencyLimit(concurrency)
        self._counting = Lock()
        self._stopping = Event()
        self._redactor = Redactor(settings.key)
        self._transport = Transport(
            settings, self._redactor, reach_hint, longest or _LONGEST_IN_TIMEOUTS * settings.timeout
        )

    def stop(self) -> None:
        """End all requests: those in flight, those that wait for a retry, and those that would still be sent."""
        self._stopping.set()
        self._transport.abort()

    def close(self) -> None:
        self._transport.close()

    def get(self, request: UsageRequest, parse: Callable[[UsageRequest, Response], T]) -> T:
        """
        Return what ``parse`` makes of the response; retry while the transport or ``parse`` raises ``RetriableError``.

        Every error is a ``UsageError`` that does not leak the key, neither in its words nor in what is chained to it.
        """
        retrying = make_retrying(self._max_tries, self._slow_down, self._stopping)
        try:
            with self._limit.acquire():
                for attempt in retrying:
                    with attempt:
                        self._check_not_stopped(request)
                        parsed = parse(request, self._transport.send(request))
                self._limit.increase()
        except UsageError as error:
            cleaned = self._redactor.clean_error(error)
        else:
            self._count(retrying.statistics["attempt_number"])
            return parsed
        raise cleaned

    @contextmanager
    def named_in_errors(self) -> Iterator[None]:
        """Begin each ``UsageError`` of the block with the connection's id: an alert may show the error alone."""
        try:
            yield
        except UsageError as error:
            error.args = (f"Connection {self.settings.conn_id!r}: {error}",)
            raise

    def redact(self, text: str) -> str:
        """Return ``text`` with the key masked."""
        return self._redactor.clean(text)

    def _check_not_stopped(self, request: UsageRequest) -> None:
        if self._stopping.is_set():
            raise UsageApiUnavailableError(f"The request to {request.url} was not sent, because another one failed.")

    def _count(self, tries: int) -> None:
        with self._counting:
            self.requests_sent += tries
            self.retries += tries - 1

    def _slow_down(self, warning: str) -> None:
        self._limit.decrease()
        self._log.warning("%s", self._redactor.clean(warning))
