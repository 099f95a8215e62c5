"""What SQLAlchemy asks a new server, and loads do not need to know."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Engine


def ask_nothing(engine: Engine) -> None:
    """
    Let SQLAlchemy not ask about the server when it first connects, which takes nine round trips.

    Loads need none of the answers. To reflect tables, SQLAlchemy would need the version.
    """
    dialect: Any = engine.dialect
    dialect.initialize = lambda _: None
    dialect.default_isolation_level = "READ COMMITTED"  # to which it resets a connection that is kept
