"""P8: what a setting of the warehouse connection must mend is final, what may pass is retried; both name it."""

from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.exceptions import UsageConfigError, WarehouseUnavailableError
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.drills.proxy import Proxy
from tests.support.ports import find_free_port
from tests.support.postgres import run_server
from tests.support.waiting import wait_until

HBA = """
host all postgres,busy,locked_out 127.0.0.1/32 trust
host closed reader 127.0.0.1/32 trust
host all reader 127.0.0.1/32 scram-sha-256
host postgres nobody 127.0.0.1/32 trust
"""
ROLES = """
CREATE ROLE reader LOGIN PASSWORD 'right'; CREATE ROLE locked_out NOLOGIN;
CREATE ROLE busy LOGIN CONNECTION LIMIT 0; SELECT pg_reload_conf()
"""


@pytest.fixture(scope="module")
def strict_server() -> Iterator[dict[str, Any]]:
    """A server that asks for a password: its Airflow connection, as a superuser who needs none."""
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        data = Path(folder, "data")
        data.mkdir()
        with run_server(data) as server:
            engine = create_engine(server.uri, isolation_level="AUTOCOMMIT", poolclass=NullPool)
            with engine.connect() as connection:
                connection.exec_driver_sql("CREATE DATABASE closed")
                connection.exec_driver_sql("REVOKE CONNECT ON DATABASE closed FROM public")
                data.joinpath("pg_hba.conf").write_text(HBA)
                connection.exec_driver_sql(ROLES)
            wait_until(lambda: not _admits(engine.url.set(username="reader")))  # it reads its settings again
            parts = urlsplit(server.uri)
            address = {"host": parts.hostname, "port": parts.port, "login": "postgres", "schema": "postgres"}
            yield {"conn_type": "postgres", **address}


def _admits(url: URL) -> bool:
    try:
        create_engine(url, poolclass=NullPool).connect().close()
    except OperationalError:
        return False
    return True


@pytest.fixture
def prepare(strict_server, monkeypatch) -> Callable[[dict[str, Any]], None]:
    """Prepare the warehouse of a connection that differs from that of the server in some fields."""

    def run(fields: dict[str, Any]) -> None:
        monkeypatch.setenv("AIRFLOW_CONN_THE_WAREHOUSE", json.dumps(strict_server | fields))
        Warehouse.connect("the_warehouse", None).prepare()

    return run


SETTINGS = {
    "a wrong password": ({"login": "reader", "password": "wrong"}, "does not accept the login or its password"),
    "no password": ({"login": "reader"}, "does not accept the login or its password"),
    "a user that does not exist": ({"login": "nobody"}, "does not accept the login or its password"),
    "a user who may not log in": ({"login": "locked_out"}, "does not accept the login or its password"),
    "a database that does not exist": ({"schema": "nowhere"}, "no database of the connection"),
    "a database that is closed": ({"login": "reader", "schema": "closed"}, "may not connect to the database"),
    "a user whom the server does not admit": ({"login": "stranger"}, "pg_hba.conf does not admit"),
    "a misspelt option": ({"extra": {"sslmod": "require"}}, "does not know"),
    "a misspelt value": ({"extra": {"sslmode": "requird"}}, "do not agree on TLS"),
    "a number that is none": ({"extra": {"connect_timeout": "soon"}}, "does not know"),
    "an unknown server setting": ({"extra": {"options": "-c no_such=1"}}, "does not know"),
    "TLS of a server without it": ({"extra": {"sslmode": "require"}}, "do not agree on TLS"),
    "an unknown cursor": ({"extra": {"cursor": "fastcursor"}}, "cannot be opened as it is set up"),
}


def check_line(error: Exception) -> None:
    assert "'the_warehouse'" in str(error)
    assert str(error).isprintable()
    assert len(str(error)) < 1000


@pytest.mark.parametrize("case", SETTINGS)
def test_p8_what_a_setting_must_mend_is_final_and_names_the_connection(prepare, case):
    fields, reason = SETTINGS[case]
    with pytest.raises(UsageConfigError, match=reason) as caught:
        prepare(fields)
    check_line(caught.value)


@pytest.mark.parametrize("url", ["https://db.example.com", "postgresql://loader:hunter2@db.example.com/analytics"])
def test_p8_a_url_in_the_host_field_is_final_and_not_shown(prepare, url):
    with pytest.raises(UsageConfigError, match="has a URL in its host field") as caught:
        prepare({"host": url})
    check_line(caught.value)
    assert "hunter2" not in str(caught.value)


def test_p8_a_port_that_is_another_services_is_final(prepare):
    """Of a server that says something before it closes, as those of HTTP do."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.rfile.read(8)
            self.wfile.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        with pytest.raises(UsageConfigError, match="what listens at host and port is not PostgreSQL") as caught:
            prepare({"port": server.server_address[1]})
        server.shutdown()
        thread.join()
    check_line(caught.value)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"host": "nowhere.invalid"}, "cannot be reached"),
        ({"port": find_free_port()}, "cannot be reached"),
        ({"login": "busy"}, "cannot be reached"),
    ],
    ids=["no such host", "nothing listens", "no connection left"],
)
def test_p8_what_may_pass_is_retried_and_names_the_connection(prepare, fields, reason):
    with pytest.raises(WarehouseUnavailableError, match=reason) as caught:
        prepare(fields)
    check_line(caught.value)


def test_p8_a_pooler_in_statement_mode_is_final(strict_server, prepare):
    """
    PgBouncer's own words, state and goodbye, in place of the reply to the first transaction.

    libpq keeps the words from psycopg2: all that it says is that the connection was closed.
    """
    is_told = find_spec("psycopg") is not None
    error, reason = (UsageConfigError, "in statement mode") if is_told else (WarehouseUnavailableError, "was lost")
    rejection = b"SERROR\0C08P01\0Mtransaction blocks not allowed in statement pooling mode\0\0"

    proxy = RejectingProxy(strict_server["port"], b"BEGIN", rejection)
    with proxy, pytest.raises(error, match=reason) as caught:
        prepare({"port": proxy.port})
    check_line(caught.value)


class RejectingProxy(Proxy):
    """Sends the client an error and closes, once the client sends ``words``."""

    def __init__(self, target: int, words: bytes, fields: bytes) -> None:
        super().__init__(target)
        self._words = words
        self._rejection = b"E" + (len(fields) + 4).to_bytes(4, "big") + fields

    def _pass_on(self, source: Any, sink: Any, is_reply: bool) -> None:
        if is_reply:
            super()._pass_on(source, sink, is_reply)
            return
        with source, suppress(OSError):
            while data := source.recv(65_536):
                if self._words in data:
                    source.sendall(self._rejection)
                    break
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)
