"""The simulator: HTTP/1.1 with kept connections on 127.0.0.1, faults that wait for a request, a log of what arrived."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any

from datacoves_usage_provider.simulator.api import Api
from datacoves_usage_provider.simulator.datacoves import DatacovesBilling
from datacoves_usage_provider.simulator.exchange import Request, Response
from datacoves_usage_provider.simulator.faults import Fault

LOOPBACK = "127.0.0.1"
_POLL_SECONDS = 0.005
"""How long ``stop`` may wait: most tests start and stop a simulator of their own."""


class Simulator:
    """
    Serves APIs on 127.0.0.1 from ``start`` to ``stop``, or for the length of a ``with`` block.

    ``port`` 0 takes a free one. Each request takes the first of ``faults``, where None lets one request pass, and is
    added to ``requests`` before its response is sent. Both are plain lists that may be changed at any time.
    """

    def __init__(self, api: Api, *more: Api, port: int = 0) -> None:
        self.faults: list[Fault | None] = []
        self.requests: list[Request] = []
        self._apis = (api, *more)
        self._port = port
        self._taking_fault = Lock()
        self._server: LoopbackServer | None = None

    @property
    def url(self) -> str:
        """The origin, such as ``http://127.0.0.1:41234``; after ``stop`` nothing listens there."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def billing_url(self) -> str:
        """The Billing API URL as the Datacoves admin panel shows it."""
        return self.url + DatacovesBilling.host_path

    def start(self) -> None:
        """Raises ``OSError`` if the port is taken."""
        self._server = LoopbackServer(self._port, self._respond)
        self._port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": _POLL_SECONDS}, daemon=True).start()

    def stop(self) -> None:
        """Close the port and all connections, also those that wait for a slow response."""
        if self._server:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Simulator:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _respond(self, request: Request) -> Response:
        fault = self._take_fault()
        api = self._route(request)
        response = api.respond(request)
        if fault:
            response = fault.spoil(response)
        self.requests.append(replace(request, status=None if response.dropped else response.status))
        return api.finish(request, response)

    def _take_fault(self) -> Fault | None:
        with self._taking_fault, suppress(IndexError):
            return self.faults.pop(0)
        return None

    def _route(self, request: Request) -> Api:
        """Return the API with the path of ``request``, otherwise the first one: it responds that nothing is there."""
        return next((api for api in self._apis if request.path.startswith(api.path)), self._apis[0])


class LoopbackServer(ThreadingHTTPServer):
    """Sends what ``respond`` returns for each request; every connection has a thread."""

    daemon_threads = False  # server_close waits for them, so nothing is sent after stop
    request_queue_size = 128

    def __init__(self, port: int, respond: Callable[[Request], Response]) -> None:
        self.respond = respond
        self.stopping = Event()
        self._open: set[Any] = set()
        super().__init__((LOOPBACK, port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer also looks up the host's name, which takes seconds where no name server responds.
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
        """A client that went away is not an error of the server."""
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
        self._send(self.server.respond(Request(self.command, self.path, headers)))

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
        """Print nothing: ``Simulator.requests`` is the log."""
