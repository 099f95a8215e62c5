"""
What PostgreSQL and poolers say when they reject a login.

There libpq knows no SQLSTATE. A server that speaks another language than English is not understood.
"""

from __future__ import annotations

import re

_REASONS = {
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
        "a field or the extra of the connection has a value that the driver or server does not know"
    ),
    r"invalid response to SSL negotiation|expected authentication request": (
        "what listens at host and port is not PostgreSQL"
    ),
}


def find_login_reason(said: str) -> str | None:
    """Return what is set up wrong; None for what may pass."""
    return next((reason for words, reason in _REASONS.items() if re.search(words, said)), None)
