"""What is special to psycopg 3 and psycopg2, the drivers of Airflow's PostgreSQL connections."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DisconnectionError

from datacoves_usage_provider.exceptions import UsageConfigError

_IS_KEPT = "usage_is_kept"


def make_plain(connection: Any, driver: str, subject: str) -> None:
    if driver not in _MAKE_PLAIN:
        return
    if (found := type(connection).__module__.partition(".")[0]) != driver:
        raise UsageConfigError(
            f"{subject} is one of {found}, but its SQLAlchemy dialect is for {driver}: take sqlalchemy_scheme out of "
            "its extra."
        )
    _MAKE_PLAIN[driver](connection)


def shut_down(connection: Any) -> None:
    """End the connection below the driver, which then finds it closed by the server, whatever it waits for."""
    if connection.closed:
        return
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as connected:
        connected.shutdown(socket.SHUT_RDWR)


def notice_closed_connections(engine: Engine) -> None:
    """Let ``engine`` open another connection in place of one that server or pooler closed while it was not used."""

    def mark(_: Any, record: Any) -> None:
        record.info[_IS_KEPT] = True  # until the record gets another connection

    def check(connection: Any, record: Any, _: Any) -> None:
        if _IS_KEPT in record.info and _is_closed(connection):
            raise DisconnectionError

    event.listen(engine, "checkin", mark)
    event.listen(engine, "checkout", check)


def _is_closed(connection: Any) -> bool:
    """Tell without a round trip: of an idle connection, nothing can be read but its end, or the reason for it."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _make_psycopg_plain(connection: Any) -> None:
    from psycopg.rows import tuple_row

    connection.row_factory = tuple_row
    # A prepared statement outlives its transaction, but a pooler such as PgBouncer may keep a session only that long.
    connection.prepare_threshold = None
    if connection.info.encoding != "utf-8":
        connection.execute("SET client_encoding TO 'UTF8'")
        connection.commit()


def _make_psycopg2_plain(connection: Any) -> None:
    connection.cursor_factory = None
    connection.set_client_encoding("UTF8")


_MAKE_PLAIN: dict[str, Callable[[Any], None]] = {"psycopg": _make_psycopg_plain, "psycopg2": _make_psycopg2_plain}
