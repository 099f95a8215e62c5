"""One billing account through one connection, one load at a time."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone

from sqlalchemy import Table, and_, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.chunk import UsageChunk, VendorMonth
from datacoves_usage_provider.exceptions import UsageConfigError

# A row names a connection once that has held the lock: before, each of two first loads may take itself for the first.
NOBODY = ""


def make_lock(connection: Connection, account: Table, chunk: UsageChunk | VendorMonth) -> None:
    """
    Make the account's row, which is the lock, in a transaction of its own unless another load has made it.

    Where keys are not enforced, two first loads at once may make two; they are one lock, since each load takes all.
    """
    with connection.begin():
        if _read_owners(connection, account, chunk):
            return
    row = {
        "service_provider_name": chunk.service_provider_name,
        "billing_account_id": chunk.billing_account_id,
        "x_conn_id": NOBODY,
        "x_loaded_at": datetime.now(timezone.utc),
    }
    with suppress(IntegrityError), connection.begin():
        connection.execute(insert(account), row)


def lock_account(connection: Connection, account: Table, chunk: UsageChunk | VendorMonth, conn_id: str) -> None:
    """
    Wait for other loads of the account, keep them out until the transaction ends, and make the account ``conn_id``'s.

    Must be the transaction's first statement: two transactions that first read and then write cannot both go on.
    Raises ``UsageConfigError`` if the account is loaded through another connection.
    """
    rows = update(account).where(_is_account(account, chunk))
    connection.execute(rows.values(x_loaded_at=datetime.now(timezone.utc)))
    owners = _read_owners(connection, account, chunk)
    if not owners:
        raise NoResultFound(f"{account.name} lost the row of {chunk.billing_account_id!r} before it could be locked.")
    if others := owners - {NOBODY, conn_id}:
        raise UsageConfigError(
            f"Billing account {chunk.billing_account_id!r} of {chunk.service_provider_name} is loaded through "
            f"connection {min(others)!r}, not through {conn_id!r}: two connections would delete each other's rows. "
            "Give this connection another billing_account_id, or hand the account over: "
            'docs/ddl.md, "Handing an account to another connection".'
        )
    if owners != {conn_id}:
        connection.execute(rows.values(x_conn_id=conn_id))


def _read_owners(connection: Connection, account: Table, chunk: UsageChunk | VendorMonth) -> set[str]:
    """Return the connections that the account's rows name; none: it has no row yet."""
    return set(connection.execute(select(account.c.x_conn_id).where(_is_account(account, chunk))).scalars())


def _is_account(account: Table, chunk: UsageChunk | VendorMonth) -> ColumnElement[bool]:
    return and_(
        account.c.service_provider_name == chunk.service_provider_name,
        account.c.billing_account_id == chunk.billing_account_id,
    )
