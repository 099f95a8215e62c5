"""A TCP proxy whose connections can be cut, with what is under way."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Event, Thread


class Proxy:
    """
    Passes on what comes to ``port``, for the length of a ``with`` block, to ``target`` on 127.0.0.1.

    ``cut`` closes all connections at once; ``cut_at_reply`` only when the server has replied, and keeps its reply.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._keeps_replies = Event()
        self._open: list[socket.socket] = []
        self._threads: list[Thread] = []

    def __enter__(self) -> Proxy:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self.cut()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def cut(self) -> None:
        while self._open:
            _close(self._open.pop())

    def cut_at_reply(self) -> None:
        self._keeps_replies.set()

    def _start(self, work: object, *arguments: object) -> None:
        thread = Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open += [client, server]
                self._start(self._pass_on, client, server, False)
                self._start(self._pass_on, server, client, True)

    def _pass_on(self, source: socket.socket, sink: socket.socket, is_reply: bool) -> None:
        with source, suppress(OSError):
            while data := source.recv(65_536):
                if is_reply and self._keeps_replies.is_set():
                    self._keeps_replies.clear()
                    break
                sink.sendall(data)
        _close(sink)


class SilentProxy(Proxy):
    """From ``fall_silent`` to ``speak`` it accepts connections and what they send, but passes on nothing and no end."""

    def __init__(self, target: int) -> None:
        super().__init__(target)
        self._is_silent = Event()

    def fall_silent(self) -> None:
        self._is_silent.set()

    def speak(self) -> None:
        self._is_silent.clear()

    def _pass_on(self, source: socket.socket, sink: socket.socket, is_reply: bool) -> None:
        with source, suppress(OSError):
            while data := source.recv(65_536):
                if not self._is_silent.is_set():
                    sink.sendall(data)
        if not self._is_silent.is_set():
            _close(sink)


def _close(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
