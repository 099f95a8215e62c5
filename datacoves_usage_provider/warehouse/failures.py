"""Which errors of a database no retry mends."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

# SQLite has messages instead of SQLSTATEs.
_STATES = {
    "42501": "the user lacks a right",
    "25006": "the connection is read-only",
    "3F000": "the schema does not exist",
    "22P05": "the encoding of the database has not all characters, as UTF8 has",
    "42809": "one of the usage tables is none, but a view",
    **dict.fromkeys(("02000", "42S02"), "the schema does not exist, or the user may not see it"),
    **dict.fromkeys(("42883", "42804", "22001", "23502"), "a column of the usage tables is not as the docs have it"),
}
_SQLITE_MESSAGES = {
    "readonly database": "the database file, or its folder, is read-only",
    "unable to open database file": "the database file cannot be opened",
    "file is not a database": "the file is no SQLite database",
    "unknown database": "the schema does not exist",
}


def find_final_reason(error: DBAPIError) -> str | None:
    """Return what is set up wrong, in a user's words; None for an error that may pass."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    if state is not None:
        return _STATES.get(state)
    text = str(error.orig)
    return next((reason for message, reason in _SQLITE_MESSAGES.items() if message in text), None)
