"""One billing account through one connection, one load at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from sqlalchemy import Table, insert, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.exceptions import DOCS, UsageConfigError
from datacoves_usage_provider.warehouse.conditions import of_account
from datacoves_usage_provider.warehouse.dialects import find_database

# The row gets its owner only under the lock; until then two first loads could each believe they were first.
NOBODY = ""
_TICK = timedelta(microseconds=1)  # as fine as the columns' times are


class AccountNotKeptError(Exception):
    """The table has no row of the account after it was made; the text says which."""


class _Row(NamedTuple):
    """A row of the account, which has one, or several where keys are not enforced."""

    x_conn_id: str
    x_loaded_at: datetime


@contextmanager
def lock_account(
    engine: Engine, table: Table, account: BillingAccount, conn_id: str | None
) -> Iterator[tuple[Connection, datetime]]:
    """
    Yield a transaction that keeps other loads of the account waiting until the block ends; it waits for theirs first.

    With it comes the moment of the load (UTC). It is later than that of the account's last load, whatever the clocks
    of the workers say, so that times tell the order of loads.

    From then on the account belongs to ``conn_id``. Raises ``UsageConfigError`` if it belongs to another connection.
    None: the account stays whose it is. Raises ``AccountNotKeptError`` if the table does not keep the account's row,
    which is the lock.
    """
    with engine.connect() as connection:
        denied = None
        for _ in range(2):
            with connection.begin():
                if rows := _lock(connection, table, account):
                    _check_owner(account, rows, conn_id)
                    yield connection, _claim(connection, table, account, rows, conn_id)
                    return
            try:
                _make_row(connection, table, account)
            except IntegrityError as error:  # another load was faster, or the table does not accept the row
                denied = error
    raise AccountNotKeptError(f"{table.name} does not accept or keep a row for {account}") from denied


def _lock(connection: Connection, table: Table, account: BillingAccount) -> list[_Row]:
    """
    Lock the account's rows and return them; an empty list if it has no row to lock.

    This must be the transaction's first statement: of two transactions that read before they write, one fails.
    """
    rows = find_database(connection.dialect).update_and_read(
        connection,
        table,
        of_account(table, account),
        {"x_conn_id": table.c.x_conn_id},
        (table.c.x_conn_id, table.c.x_loaded_at),
    )
    return [_Row(owner, _to_utc(loaded_at)) for owner, loaded_at in rows]


def _to_utc(moment: datetime) -> datetime:
    """SQLite keeps no time zone: what it has is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _check_owner(account: BillingAccount, rows: list[_Row], conn_id: str | None) -> None:
    if conn_id is None:
        return
    if others := {row.x_conn_id for row in rows} - {NOBODY, conn_id}:
        raise UsageConfigError(
            f"billing account {account.billing_account_id!r} of {account.service_provider_name} is loaded through "
            f"connection {min(others)!r}, not through {conn_id!r}: two connections would delete each other's rows. "
            "Give this connection another billing_account_id, or hand the account over to it: "
            f"{DOCS}/ddl.md#handing-an-account-to-another-connection"
        )


def _claim(
    connection: Connection, table: Table, account: BillingAccount, rows: list[_Row], conn_id: str | None
) -> datetime:
    """Make the account that of ``conn_id``, unless that is None, and return the moment of its load."""
    last = max(row.x_loaded_at for row in rows)
    moment = max(datetime.now(timezone.utc), last + _TICK)
    owner = {} if conn_id is None else {"x_conn_id": conn_id}
    connection.execute(update(table).where(of_account(table, account)).values(**owner, x_loaded_at=moment))
    return moment


def _make_row(connection: Connection, table: Table, account: BillingAccount) -> None:
    """
    Make the account's row, which is the lock, in a transaction of its own.

    Where keys are not enforced, two first loads may each make one; both rows are one lock, since a load takes all.
    """
    row = {**account._asdict(), "x_conn_id": NOBODY, "x_loaded_at": datetime.now(timezone.utc)}
    with connection.begin():
        connection.execute(insert(table), row)
