"""A service that is down may respond with nothing, just as one that was not used: that must not wipe what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from sqlalchemy import Table

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.exceptions import UsageDataError


def check_nothing_is_emptied(days: Iterable[date], table: Table, account: BillingAccount, conn_id: str) -> None:
    """Raise a ``UsageDataError`` if ``days``, one for each row that would be removed for an empty response, has any."""
    rows = Counter(days)
    if rows:
        each = ", ".join(f"{day} ({number})" for day, number in sorted(rows.items()))
        raise UsageDataError(
            f"Connection {conn_id!r}: a response about {account} has no record, but {table.name} has {rows.total()} "
            f"rows of {each}. They were kept, since a service that is down may respond like that, too. If it is true, "
            "and nothing was used, run the task once with allow_empty=True: the rows are then removed."
        )
