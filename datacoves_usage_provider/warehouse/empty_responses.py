"""A service that is down may respond with nothing, just as one that was not used: that must not wipe what is there."""

from __future__ import annotations

from sqlalchemy import Table, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.exceptions import UsageDataError


def check_nothing_is_emptied(
    connection: Connection, table: Table, day: str, replaced: ColumnElement[bool], account: BillingAccount
) -> None:
    """
    Raise a ``UsageDataError`` if ``table`` has rows that ``replaced`` holds for: a response without records has come.

    ``day`` is the column that tells which days, or months, the rows are of.
    """
    count = select(table.c[day], func.count()).where(replaced).group_by(table.c[day]).order_by(table.c[day])
    rows = [(str(one), number) for one, number in connection.execute(count)]
    if rows:
        raise UsageDataError(
            f"{account}: a response has no record, but {table.name} has {sum(number for _, number in rows)} rows of "
            f"{', '.join(f'{one} ({number})' for one, number in rows)}. They were kept, since a service that is down "
            "may respond like that, too. If it is true, and nothing was used, run the task once with allow_empty=True: "
            "the rows are then removed."
        )
