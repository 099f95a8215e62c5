"""A mail server on a loopback port that keeps what it gets."""

from __future__ import annotations

import json
import socketserver
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread

import pytest


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as clients need that neither log in nor encrypt; ``mails`` are those that it accepted."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[EmailMessage] = []


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._reply(220, "ready")
        for line in self.rfile:
            command = line[:4].decode("ascii").strip().upper()
            if command == "DATA":
                self._reply(354, "go on")
                self._keep_mail()
            self._reply(221 if command == "QUIT" else 250, "OK")

    def _reply(self, code: int, text: str) -> None:
        self.wfile.write(f"{code} {text}\r\n".encode())

    def _keep_mail(self) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        content = b"".join(line.removeprefix(b".") for line in lines)
        self.server.mails.append(message_from_bytes(content, policy=policy.default))


@pytest.fixture
def mail_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A server behind the Airflow connection ``smtp_default``."""
    with MailServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        host, port = server.server_address
        connection = {"conn_type": "smtp", "host": host, "port": port}
        extra = {"disable_ssl": True, "disable_tls": True, "timeout": 10}
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps({**connection, "extra": extra}))
        yield server
        server.shutdown()
        thread.join()
