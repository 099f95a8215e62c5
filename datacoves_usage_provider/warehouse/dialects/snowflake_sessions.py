"""What each session of Snowflake begins with."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


def set_in_sessions(engine: Engine, settings: str) -> None:
    # ABORT_DETACHED_QUERY: otherwise a statement whose client is gone is finished before its transaction ends.
    statement = f"ALTER SESSION SET {settings}, ABORT_DETACHED_QUERY = TRUE"

    def prepare(connection: Any, _: Any) -> None:
        # Dialects before 1.7.2 leave autocommit on when a hook opens the connection; a load is one transaction.
        connection.autocommit(False)
        with closing(connection.cursor()) as cursor:
            cursor.execute(statement)

    # Sessions are kept: they live for four hours, and have no connection that something on the way could close.
    event.listen(engine, "connect", prepare)
