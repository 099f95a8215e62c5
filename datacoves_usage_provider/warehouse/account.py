"""One billing account through one connection, one load at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone

from sqlalchemy import Table, and_, insert, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.chunk import UsageChunk, VendorMonth
from datacoves_usage_provider.exceptions import UsageConfigError

# A row names a connection once that has held the lock: before, each of two first loads may take itself for the first.
NOBODY = ""


@contextmanager
def lock_account(engine: Engine, account: Table, chunk: UsageChunk | VendorMonth, conn_id: str) -> Iterator[Connection]:
    """
    Yield a transaction that keeps other loads of the account out until the block ends; wait for theirs.

    The account becomes ``conn_id``'s; a ``UsageConfigError`` if it is loaded through another connection.
    """
    with engine.connect() as connection:
        refused = None
        for _ in range(2):
            with connection.begin():
                if owners := _lock(connection, account, chunk):
                    _claim(connection, account, chunk, owners, conn_id)
                    yield connection
                    return
            try:
                _make_row(connection, account, chunk)
            except IntegrityError as error:  # another load was faster, or the table takes no such row
                refused = error
    raise NoResultFound(f"{account.name} takes or keeps no row of {chunk.billing_account_id!r}.") from refused


def _lock(connection: Connection, account: Table, chunk: UsageChunk | VendorMonth) -> set[str]:
    """
    Lock the account's rows and return the connections that they name; none: it had no row to lock.

    Must be the transaction's first statement: two transactions that first read and then write cannot both go on.
    """
    is_account = _is_account(account, chunk)
    now = datetime.now(timezone.utc)
    if not connection.execute(update(account).where(is_account).values(x_loaded_at=now)).rowcount:
        return set()  # a row that another load makes just now would be seen, but not locked
    return set(connection.execute(select(account.c.x_conn_id).where(is_account)).scalars())


def _claim(
    connection: Connection, account: Table, chunk: UsageChunk | VendorMonth, owners: set[str], conn_id: str
) -> None:
    if others := owners - {NOBODY, conn_id}:
        raise UsageConfigError(
            f"Billing account {chunk.billing_account_id!r} of {chunk.service_provider_name} is loaded through "
            f"connection {min(others)!r}, not through {conn_id!r}: two connections would delete each other's rows. "
            "Give this connection another billing_account_id, or hand the account over: "
            'docs/ddl.md, "Handing an account to another connection".'
        )
    if owners != {conn_id}:
        connection.execute(update(account).where(_is_account(account, chunk)).values(x_conn_id=conn_id))


def _make_row(connection: Connection, account: Table, chunk: UsageChunk | VendorMonth) -> None:
    """
    Make the account's row, which is the lock, in a transaction of its own.

    Where keys are not enforced, two first loads at once may make two; they are one lock, since each load takes all.
    """
    row = {
        "service_provider_name": chunk.service_provider_name,
        "billing_account_id": chunk.billing_account_id,
        "x_conn_id": NOBODY,
        "x_loaded_at": datetime.now(timezone.utc),
    }
    with connection.begin():
        connection.execute(insert(account), row)


def _is_account(account: Table, chunk: UsageChunk | VendorMonth) -> ColumnElement[bool]:
    return and_(
        account.c.service_provider_name == chunk.service_provider_name,
        account.c.billing_account_id == chunk.billing_account_id,
    )
