"""What an error of the database means for who runs the task."""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError

from datacoves_usage_provider.exceptions import DOCS, UsageConfigError, UsageError, WarehouseUnavailableError
from datacoves_usage_provider.text import shorten
from datacoves_usage_provider.warehouse.dialects.database import Database
from datacoves_usage_provider.warehouse.dialects.errors import get_state

_RETRY_IS_SAFE = "Airflow will retry. That is safe: what this try wrote is either complete or not there."
_CANCELED = "57014"  # the SQLSTATE of PostgreSQL and Snowflake
_MOST_OF_THE_TEXT = 400
_LOGIN = re.compile(r"://\S*@")


def explain(
    error: DBAPIError, database: Database, subject: str, what_holds: str, read_seconds: int | None = None
) -> UsageError:
    """
    Return the error to raise in place of SQLAlchemy's. It begins with ``subject`` and has the database's text.

    ``read_seconds``: how long this package lets a statement take that only reads; None: it may write.
    """
    said = in_one_line(database.get_text(error))
    if reason := database.find_final_reason(error):
        return UsageConfigError(
            f"{subject}: {reason} ({said}). {what_holds} What to do: "
            f"{DOCS}/operate.md#when-the-database-rejects-something"
        )
    reason = find_passing_reason(error, database, read_seconds)
    return WarehouseUnavailableError(f"{subject}: {reason} ({said}). {say_retry(what_holds, read_seconds)}")


def find_passing_reason(error: DBAPIError, database: Database, read_seconds: int | None) -> str:
    """Return what is the matter for now, in a user's words; ``read_seconds`` as in ``explain``."""
    if get_state(error) == _CANCELED:
        limit = (
            "the server lets it" if read_seconds is None else f"the {read_seconds} seconds that this package lets it"
        )
        return f"a statement took longer than {limit}, or was cancelled"
    return database.find_passing_reason(error) or "the database could not run a statement"


def say_retry(what_holds: str, read_seconds: int | None) -> str:
    return _RETRY_IS_SAFE if read_seconds is None else f"{what_holds} Airflow will retry."


def in_one_line(text: str) -> str:
    """Return what a database or its driver said, without the login that a URL in it may have."""
    return shorten(_LOGIN.sub("://***@", " ".join(text.split())), _MOST_OF_THE_TEXT)
