"""Snowflake, as its documentation describes it: docs/warehouses.md says what was tested, and how."""

from __future__ import annotations

from contextlib import closing
from typing import Any, ClassVar

from sqlalchemy import event
from sqlalchemy.engine import Engine

from datacoves_usage_provider.warehouse.dialects.database import Database


class Snowflake(Database):
    is_tested = True
    has_indexes = False
    final_states: ClassVar = {
        **Database.final_states,
        **dict.fromkeys(("02000", "42S02"), "the schema does not exist, or the user may not see it"),
    }

    def prepare_for_loads(self, engine: Engine) -> None:
        # ABORT_DETACHED_QUERY: otherwise a statement whose client is gone is finished before its transaction ends.
        limits = f"ALTER SESSION SET LOCK_TIMEOUT = {self.max_wait_seconds}, ABORT_DETACHED_QUERY = TRUE"

        def prepare(connection: Any, _: Any) -> None:
            # Dialects before 1.7.2 leave autocommit on when a hook opens the connection; a load is one transaction.
            connection.autocommit(False)
            with closing(connection.cursor()) as cursor:
                cursor.execute(limits)

        event.listen(engine, "connect", prepare)
