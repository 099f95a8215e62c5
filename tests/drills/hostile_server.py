"""A server that no HTTP library would be: it sends what a test gives it, whatever the request."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Event, Thread

Parts = Iterable[bytes | float]
"""What to send, and between it the seconds to wait."""


class HostileServer:
    """
    Sends what ``make_parts`` returns to each connection to ``host``, for the length of a ``with`` block.

    ``requests`` are the first bytes that each client sent.
    """

    def __init__(self, make_parts: Callable[[], Parts], host: str = "127.0.0.1") -> None:
        self.requests: list[bytes] = []
        self._make_parts = make_parts
        self._listener = socket.create_server((host, 0))
        self.url = "http://{}:{}".format(*self._listener.getsockname())
        self._stopping = Event()
        self._threads = [Thread(target=self._accept)]

    def __enter__(self) -> HostileServer:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                thread = Thread(target=self._respond, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _respond(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        with connection, suppress(OSError):
            self.requests.append(connection.recv(65_536))
            for part in self._make_parts():
                if isinstance(part, bytes):
                    connection.sendall(part)
                elif self._stopping.wait(part):
                    return
