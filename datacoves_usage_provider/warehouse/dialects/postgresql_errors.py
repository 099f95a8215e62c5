"""What PostgreSQL, its drivers and poolers in front of it say, in a user's words."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.exc import DBAPIError

from datacoves_usage_provider.warehouse.dialects.database import Database, get_state

_COLUMN = "a column of the usage tables is not as the docs say"
_NOT_OURS = "a {} of your own, which this package did not make, rejects what a load writes"
_FINAL_STATES = {
    **Database.final_states,
    "22P05": "the encoding of the database lacks a character, which UTF8 would have",
    "42809": "one of the usage tables is not a table, but a view",
    "42P01": "a table is missing",
    "42P07": "something else has the name of one of the usage tables or views",
    "42703": "a column is missing",
    "23502": _COLUMN,
    "23505": (
        "a key of your own rejects a row, or a trigger, a rule or another program kept or wrote one under the same key"
    ),
    "23514": _NOT_OURS.format("constraint, or a partition that is missing,"),
}
_FINAL_CLASSES = {
    "23": _NOT_OURS.format("constraint"),
    **dict.fromkeys(("09", "27", "2F", "38", "39", "44", "P0"), _NOT_OURS.format("trigger, rule or view")),
}
_PASSING_CLASSES = ("08", "25", "40", "53", "55", "57", "58")
"""A lost connection, read-only after a failover, a deadlock, too little memory, a lock, a shutdown, a broken disk."""
_PASSING_STATES = {
    "25006": (
        "the database is read-only, as it is for a while after a failover; if it stays so, the connection names a "
        "replica, or default_transaction_read_only is on"
    ),
    "53300": "the server has no connection left",
    "55P03": "another session kept a lock for longer than a load waits",
}
# In front of a login, libpq knows no SQLSTATE. A server that speaks another language than English is not understood.
_FINAL_TEXTS = {
    r"transaction blocks not allowed in statement pooling": (
        "the pooler is in statement mode, where nothing can be loaded as a whole; it must be in transaction or session "
        "mode"
    ),
    r"authentication failed|no password supplied|no such user|is not permitted to log in|(role|user) \".*\" does not "
    r"exist|requires? .* authentication|authentication method .* (required|not supported)": (
        "the server does not accept the login or its password"
    ),
    r"database \".*\" does not exist|no such database": "there is no database of the connection's schema field",
    r"permission denied for database": "the user may not connect to the database",
    r"pg_hba\.conf": "the server's pg_hba.conf does not admit this user, database, address or encryption",
    r"does not support SSL|SSL (is )?required|sslmode|certificate|ssl(cert|key|rootcert)|private key file": (
        "the connection's extra and the server do not agree on TLS"
    ),
    r"invalid (connection option|port|.* value|value)|bad value for|unrecognized configuration parameter|"
    r"unsupported startup parameter|definition of service|integer value .* expected": (
        "a field or the extra of the connection has what the driver or server does not know"
    ),
    r"invalid response to SSL negotiation|expected authentication request": (
        "what listens at host and port is not PostgreSQL"
    ),
}


def find_final_reason(error: DBAPIError) -> str | None:
    """Return what is set up wrong; None for an error that may pass."""
    state = get_state(error)
    if state is None or state == "08P01":
        said = str(error.orig)
        return next((reason for words, reason in _FINAL_TEXTS.items() if re.search(words, said)), None)
    if state.startswith(_PASSING_CLASSES):
        return None
    if _find_function(error.orig) and state != "42501":  # which may be of the loading user's rights in the function
        return _NOT_OURS.format("trigger or function")
    return _FINAL_STATES.get(state) or _FINAL_CLASSES.get(state[:2])


def find_passing_reason(error: DBAPIError) -> str | None:
    state = get_state(error)
    return _PASSING_STATES.get(state) if state else "the database cannot be reached, or the connection to it was lost"


def get_text(error: DBAPIError) -> str:
    """Return message, detail, and whose function it was; not the statement, which the drivers add in further lines."""
    diagnosis = getattr(error.orig, "diag", None)
    if not (message := getattr(diagnosis, "message_primary", None)):
        return str(error.orig)
    detail = getattr(diagnosis, "message_detail", None)
    return "; ".join(filter(None, (message, detail, _find_function(error.orig))))


def _find_function(error: Any) -> str:
    """Return the line of the error's context that names a function, which is never one of this package."""
    context = getattr(getattr(error, "diag", None), "context", None) or ""
    return next((line for line in context.splitlines() if "function" in line), "")
