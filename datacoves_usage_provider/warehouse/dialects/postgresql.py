"""PostgreSQL 12 or later, through psycopg 3 or psycopg2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from datacoves_usage_provider.warehouse.dialects import postgresql_catalog, postgresql_drivers, postgresql_errors
from datacoves_usage_provider.warehouse.dialects.database import Rows, get_state
from datacoves_usage_provider.warehouse.dialects.postgresql_arrays import UnnestsRows
from datacoves_usage_provider.warehouse.dialects.postgresql_copy import allow_copy, copy_rows, may_copy


class PostgreSQL(UnnestsRows):
    is_tested = True
    find_relations = staticmethod(postgresql_catalog.find_relations)
    find_home = staticmethod(postgresql_catalog.find_home)
    find_triggers = staticmethod(postgresql_catalog.find_triggers)
    shows = staticmethod(postgresql_catalog.shows)
    find_types = staticmethod(postgresql_catalog.find_types)
    find_final_reason = staticmethod(postgresql_errors.find_final_reason)
    find_passing_reason = staticmethod(postgresql_errors.find_passing_reason)
    get_text = staticmethod(postgresql_errors.get_text)

    make_plain = staticmethod(postgresql_drivers.make_plain)
    interrupt = staticmethod(postgresql_drivers.shut_down)

    def prepare_for_loads(self, engine: Engine) -> None:
        allow_copy(engine)
        # A load that waited for another must see what that one did, whatever the database's default isolation is.
        engine.update_execution_options(isolation_level="READ COMMITTED")
        limits = _make_limits(self.max_wait_seconds)
        settings = text("SELECT " + ", ".join(f"set_config('{name}', :{name}, true)" for name in limits))
        event.listen(engine, "begin", lambda connection: connection.execute(settings, limits))

    def prepare_for_reading(self, engine: Engine, seconds: int) -> None:
        limits = dict.fromkeys(("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"), seconds)
        # An engine over psycopg2 names the isolation itself when it begins; this is of the transaction, and wins.
        statements = ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL datestyle = ISO"]
        statements += [f"SET LOCAL {name} = '{limit}s'" for name, limit in limits.items()]
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("; ".join(statements)))

    def lock_table(self, connection: Connection, table: Table) -> None:
        name = connection.dialect.identifier_preparer.format_table(table)
        connection.execute(text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))

    def insert_rows(
        self, connection: Connection, table: Table, common: Mapping[str, Any], columns: Sequence[str], rows: Rows
    ) -> None:
        (copy_rows if may_copy(connection) else super().insert_rows)(connection, table, common, columns, rows)

    def is_race(self, error: DBAPIError) -> bool:
        return get_state(error) in ("42P07", "42710", "23505")  # the last: of the catalog's own keys


def _make_limits(seconds: int) -> dict[str, str]:
    """Return the settings by which the server ends the transaction of a client that vanished."""
    return {
        **dict.fromkeys(("lock_timeout", "idle_in_transaction_session_timeout", "tcp_user_timeout"), f"{seconds}s"),
        "tcp_keepalives_idle": "20",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
        "row_security": "off",  # an error, where a load would leave rows that a policy hides
        "datestyle": "ISO",  # drivers read timestamps in no other
    }
