"""What an error of the database means for who runs the task."""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError

from datacoves_usage_provider.exceptions import DOCS, UsageConfigError, UsageError, WarehouseUnavailableError
from datacoves_usage_provider.text import shorten
from datacoves_usage_provider.warehouse.dialects.database import Database

RETRY_IS_SAFE = "Airflow will retry. That is safe: what this try wrote is either complete or not there."
_MOST_OF_THE_TEXT = 400
_LOGIN = re.compile(r"://\S*@")


def explain(error: DBAPIError, database: Database, subject: str, what_holds: str) -> UsageError:
    """Return the error to raise in place of SQLAlchemy's. It begins with ``subject`` and has the database's text."""
    said = in_one_line(database.get_text(error))
    if reason := database.find_final_reason(error):
        return UsageConfigError(
            f"{subject}: {reason} ({said}). {what_holds} What to do: "
            f"{DOCS}/operate.md#when-the-database-rejects-something"
        )
    reason = database.find_passing_reason(error) or "the database could not run a statement"
    return WarehouseUnavailableError(f"{subject}: {reason} ({said}). {RETRY_IS_SAFE}")


def in_one_line(text: str) -> str:
    """Return what a database or its driver said, without the login that a URL in it may have."""
    return shorten(_LOGIN.sub("://***@", " ".join(text.split())), _MOST_OF_THE_TEXT)
