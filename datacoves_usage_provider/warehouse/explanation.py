"""What an error of the database means for who runs the task."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from datacoves_usage_provider.exceptions import DOCS, UsageConfigError, UsageError, WarehouseUnavailableError
from datacoves_usage_provider.text import shorten
from datacoves_usage_provider.warehouse.dialects.database import Database

RETRY_IS_SAFE = "Airflow will retry. That is safe: what this try wrote is either complete or not there."
_MOST_OF_THE_TEXT = 400


def explain(error: DBAPIError, database: Database, subject: str, what_holds: str) -> UsageError:
    """Return the error to raise in place of SQLAlchemy's. It begins with ``subject`` and has the database's text."""
    said = quote(database.get_text(error))
    if reason := database.find_final_reason(error):
        return UsageConfigError(
            f"{subject}: {reason} ({said}). {what_holds} What to do: "
            f"{DOCS}/operate.md#when-the-database-rejects-something"
        )
    reason = database.find_passing_reason(error) or "the database could not run a statement"
    return WarehouseUnavailableError(f"{subject}: {reason} ({said}). {RETRY_IS_SAFE}")


def quote(text: str) -> str:
    """Return what a database or its driver said, in one line."""
    return shorten(" ".join(text.split()), _MOST_OF_THE_TEXT)
