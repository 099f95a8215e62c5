"""SQLite, for a single machine: no decimals, no SQLSTATEs, and a whole file is locked."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, Dialect, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import UserDefinedType

from datacoves_usage_provider.columns import FRACTION_DIGITS, WHOLE_DIGITS
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.warehouse.dialects.database import Database

_MAX_INTEGER = 2**63 - 1
_FINAL_MESSAGES = {
    "readonly database": "the database file, or its folder, is read-only",
    "unable to open database file": "the database file cannot be opened",
    "file is not a database": "the file is not a SQLite database",
    "unknown database": "the schema does not exist",
    "already an index named": "an index has the name of one of the usage tables",
    "no such table": "a table is missing, of this package or of what a trigger of yours does",
    "no such column": "a column is missing, of this package or of what a trigger of yours does",
}


class _ExactNumber(UserDefinedType[Decimal]):
    """
    NUMERIC affinity, so that numbers compare and sort as numbers, which decimals kept as text would not.

    Each is bound as an integer, or as the double whose shortest text it is.
    """

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return f"NUMERIC({WHOLE_DIGITS + FRACTION_DIGITS}, {FRACTION_DIGITS})"

    def bind_processor(self, _: Dialect) -> Callable[[Decimal | None], int | float | None]:
        return lambda number: None if number is None else to_sqlite_number(number)


def to_sqlite_number(number: Decimal) -> int | float:
    """Return the SQLite number that is exactly ``number``; a ``UsageDataError`` if there is none."""
    if number == number.to_integral_value() and abs(number) <= _MAX_INTEGER:
        return int(number)
    double = float(number)
    if Decimal(repr(double)) != number:
        raise UsageDataError(
            f"SQLite cannot hold {number} exactly: it keeps whole numbers of 63 bits and others of about 15 digits. "
            "Use a warehouse with decimals, such as PostgreSQL."
        )
    return double


class SQLite(Database):
    is_tested = True
    exact_number = _ExactNumber()

    def find_obstacle(self, url: URL) -> str | None:
        if url.database not in (None, "", ":memory:"):
            return None
        return (
            "a SQLite database in memory, which ends with its connection. Put the path of a file into its host field."
        )

    def prepare_for_loads(self, engine: Engine) -> None:
        limit = f"PRAGMA busy_timeout = {self.max_wait_seconds * 1000}"
        event.listen(engine, "connect", lambda connection, _: connection.execute(limit))

    def find_final_reason(self, error: DBAPIError) -> str | None:
        text = str(error.orig)
        reason = next((reason for message, reason in _FINAL_MESSAGES.items() if message in text), None)
        return reason or super().find_final_reason(error)

    def find_passing_reason(self, error: DBAPIError) -> str | None:
        return "another program keeps the file locked" if "is locked" in str(error.orig) else None
