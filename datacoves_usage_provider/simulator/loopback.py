"""HTTP/1.1 with kept connections on 127.0.0.1."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Event
from typing import Any

from datacoves_usage_provider.simulator.exchange import Request, Response

LOOPBACK = "127.0.0.1"


class LoopbackServer(ThreadingHTTPServer):
    """Answers each request with what ``answer`` returns, one thread to a connection."""

    daemon_threads = False  # server_close waits for them, so nothing answers after stop
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Request], Response]) -> None:
        self.answer = answer
        self.stopping = Event()
        self._open: set[Any] = set()
        super().__init__((LOOPBACK, port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer also looks up the host's name, which takes seconds where no name server answers.
        TCPServer.server_bind(self)

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the server."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave in two packets, and the second would wait 40 ms for the acknowledgement of the first.
    disable_nagle_algorithm = True
    server: LoopbackServer

    def _handle(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.title(): value for name, value in self.headers.items()}
        self._send(self.server.answer(Request(self.command, self.path, headers)))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _handle

    def _send(self, response: Response) -> None:
        stopped = self.server.stopping.wait(response.delay)
        self.close_connection |= response.dropped or response.cut_after is not None or stopped
        if response.dropped or stopped:
            return
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body[: response.cut_after])

    def log_message(self, *_: Any) -> None:
        """Say nothing: ``Simulator.requests`` tells."""
