"""How long one request may take, and how many bytes it may bring: head, body and all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import SHUT_RDWR, socket
from threading import Lock, local
from time import monotonic
from typing import Any
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter

from datacoves_usage_provider.exceptions import TooLargeError, TooSlowError


class LimitedAdapter(HTTPAdapter):
    """
    Lets each request take ``seconds``, connecting included, and receive ``size`` bytes as they come from the network.

    The timeout of ``requests`` limits the wait for data alone: a byte a second, or a head without an end, could go on
    for ever. Reading raises ``TooSlowError`` or ``TooLargeError``.
    """

    def __init__(self, seconds: float, size: int) -> None:
        self._seconds = seconds
        self._size = size
        self._current = local()
        self._sockets: WeakSet[Any] = WeakSet()
        self._aborting = Lock()
        self._is_aborted = False
        super().__init__()

    def abort(self) -> None:
        """End all reading, also of responses that have not begun: no more data arrives."""
        with self._aborting:
            self._is_aborted = True
            for sock in self._sockets:
                _shut_down(sock)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        adapter: Any = super()  # its types come and go with the version of types-requests
        adapter.init_poolmanager(*args, **kwargs)
        self._limit(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        is_new = proxy not in self.proxy_manager
        adapter: Any = super()
        manager = adapter.proxy_manager_for(proxy, **kwargs)
        if is_new:
            self._limit(manager)
        return manager

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        self._current.due = monotonic() + self._seconds
        self._current.response = None
        try:
            return super().send(*args, **kwargs)
        except BaseException:
            if self._current.response is not None:  # urllib3 leaves it open where it rejects the head
                self._current.response.close()
            raise

    def _limit(self, manager: Any) -> None:
        pools = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {scheme: _make_pool(pool, self._receive) for scheme, pool in pools.items()}

    def _receive(self, sock: Any, *args: Any, **kwargs: Any) -> HTTPResponse:
        with self._aborting:
            self._sockets.add(sock)
            if self._is_aborted:
                _shut_down(sock)
        limited: Any = _LimitedSocket(sock, self._current.due, self._size)
        response = self._current.response = HTTPResponse(limited, *args, **kwargs)
        return response


def _make_pool(pool: Any, receive: Callable[..., HTTPResponse]) -> Any:
    """Return the class ``pool`` with connections that read their responses through ``receive``."""
    # A debug level set for all of http.client would print the header with the key.
    changes = {"response_class": staticmethod(receive), "debuglevel": 0}
    connection = type(pool.ConnectionCls.__name__, (pool.ConnectionCls,), changes)
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


def _shut_down(sock: Any) -> None:
    """Wake threads that read from ``sock``. The method of a TLS socket would switch TLS off while they read."""
    plain = getattr(sock, "socket", sock)  # urllib3 wraps TLS inside of a proxy's TLS
    with suppress(OSError):  # it is closed already
        socket.shutdown(plain, SHUT_RDWR)


class _LimitedSocket:
    """What ``HTTPResponse`` needs of a socket."""

    def __init__(self, sock: Any, due: float, size: int) -> None:
        self._reader = _LimitedReader(sock, due, size)

    def makefile(self, _: str) -> BufferedReader:
        return BufferedReader(self._reader)


class _LimitedReader(RawIOBase):
    def __init__(self, sock: Any, due: float, size: int) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._due = due
        self._size = size
        self._received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._limit_wait()
        try:
            count: int | None = self._raw.readinto(buffer)
        except TimeoutError as error:
            if monotonic() < self._due:
                raise
            raise TooSlowError(self._received) from error
        self._received += count or 0
        if self._received > self._size:
            raise TooLargeError
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()

    def _limit_wait(self) -> None:
        left = self._due - monotonic()
        if left <= 0:
            raise TooSlowError(self._received)
        if left < self._sock.gettimeout():
            self._sock.settimeout(left)
