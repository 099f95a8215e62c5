"""As little HTTP as the contestants need: GET, keep-alive, a thread for each connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

Respond = Callable[[str], bytes]
"""From a request's target, such as ``/billing/?start_date=2026-01-01``, to a whole response."""


def make_response(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def serve(respond: Respond) -> None:
    """Print the port and respond until the process is ended."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_talk, args=(connection, respond), daemon=True).start()


def _talk(connection: socket.socket, respond: Respond) -> None:
    with connection, connection.makefile("rb") as lines:
        while request := lines.readline():
            while lines.readline() not in (b"\r\n", b""):
                pass
            connection.sendall(respond(request.split()[1].decode()))
