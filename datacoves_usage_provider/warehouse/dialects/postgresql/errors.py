"""What PostgreSQL, its drivers and poolers in front of it say, in a user's words."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import DBAPIError

from datacoves_usage_provider.warehouse.dialects.errors import get_state
from datacoves_usage_provider.warehouse.dialects.postgresql.logins import find_login_reason
from datacoves_usage_provider.warehouse.dialects.postgresql.states import (
    FINAL_CLASSES,
    FINAL_STATES,
    NOT_OURS,
    PASSING_CLASSES,
    PASSING_STATES,
)


def find_final_reason(error: DBAPIError) -> str | None:
    """Return what is set up wrong; None for an error that may pass."""
    state = get_state(error)
    if state is None or state == "08P01":
        return find_login_reason(str(error.orig))
    if state.startswith(PASSING_CLASSES):
        return None
    if _find_function(error.orig) and state != "42501":  # which may be of the loading user's rights in the function
        return NOT_OURS.format("trigger or function")
    return FINAL_STATES.get(state) or FINAL_CLASSES.get(state[:2])


def find_passing_reason(error: DBAPIError) -> str | None:
    state = get_state(error)
    return PASSING_STATES.get(state) if state else "the database cannot be reached, or the connection to it was lost"


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
