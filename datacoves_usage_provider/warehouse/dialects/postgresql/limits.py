"""Settings that each transaction begins with, and that end with it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import event, text
from sqlalchemy.engine import Engine


def set_in_transactions(engine: Engine, settings: Mapping[str, str]) -> None:
    """Let each transaction of ``engine`` begin with ``settings``, which end with it."""
    statement = text("SELECT " + ", ".join(f"set_config('{name}', :{name}, true)" for name in settings))
    event.listen(engine, "begin", lambda connection: connection.execute(statement, settings))


def make_limits(seconds: int) -> dict[str, str]:
    """Return the settings by which the server ends the transaction of a client that vanished."""
    return {
        **dict.fromkeys(("lock_timeout", "idle_in_transaction_session_timeout", "tcp_user_timeout"), f"{seconds}s"),
        "tcp_keepalives_idle": "20",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
        "row_security": "off",  # an error, where a load would leave rows that a policy hides
        "datestyle": "ISO",  # drivers read timestamps in no other
    }


def make_read_limits(wait_seconds: int, statement_seconds: int) -> dict[str, str]:
    """
    Return those of a transaction that can only read, and gives moments in UTC.

    Between two statements the client may need as long as for one: it may have many rows, and little of a processor.
    """
    return {
        **make_limits(statement_seconds),
        "lock_timeout": f"{wait_seconds}s",
        "statement_timeout": f"{statement_seconds}s",
        "timezone": "UTC",
        "transaction_read_only": "on",
    }
