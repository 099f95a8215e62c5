"""What an error of a database means, with the defaults for one that is not known here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sqlalchemy.exc import DBAPIError, IntegrityError

WRONG_COLUMN = "a column is not as this package needs it"
NOT_ACCEPTED = "a constraint or trigger of your own, which this package did not make, rejects what a load writes"


class KnowsErrors:
    """Tells errors that a setting must mend, since no retry does, from those that may pass."""

    final_states: ClassVar[Mapping[str, str]] = {
        "42501": "the user lacks a right",
        "3F000": "the schema does not exist",
        **dict.fromkeys(("42883", "42804", "22001", "23502"), WRONG_COLUMN),
    }
    """By SQLSTATE, in a user's words: what a setting must mend, since no retry does."""

    def find_final_reason(self, error: DBAPIError) -> str | None:
        """Return what is set up wrong, in a user's words; None for an error that may pass."""
        reason = self.final_states.get(get_state(error) or "")
        return reason or (NOT_ACCEPTED if isinstance(error, IntegrityError) else None)

    def find_passing_reason(self, error: DBAPIError) -> str | None:
        """Return what is the matter for now, in a user's words; None if nothing is known."""
        return None

    def get_text(self, error: DBAPIError) -> str:
        """Return what the database or its driver said."""
        return str(error.orig)

    def is_race(self, _: DBAPIError) -> bool:
        """Tell whether an error of ``CREATE`` passes if another worker is creating the same at the moment."""
        return False


def get_state(error: DBAPIError) -> str | None:
    """Return the SQLSTATE, if the driver has any."""
    return getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
