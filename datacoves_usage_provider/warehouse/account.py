"""One billing account through one connection, one load at a time."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone

from sqlalchemy import Table, and_, insert, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.chunk import UsageChunk, VendorMonth
from datacoves_usage_provider.exceptions import UsageConfigError


def claim_account(engine: Engine, account: Table, chunk: UsageChunk | VendorMonth, conn_id: str) -> None:
    """Make the account's row, which is the lock, in a transaction of its own unless another load has made it."""
    with engine.connect() as connection:
        if connection.execute(select(account.c.x_conn_id).where(_is_account(account, chunk))).first():
            return
    row = {
        "service_provider_name": chunk.service_provider_name,
        "billing_account_id": chunk.billing_account_id,
        "x_conn_id": conn_id,
        "x_loaded_at": datetime.now(timezone.utc),
    }
    with suppress(IntegrityError), engine.begin() as connection:
        connection.execute(insert(account), row)


def lock_account(connection: Connection, account: Table, chunk: UsageChunk | VendorMonth, conn_id: str) -> None:
    """
    Wait for other loads of the account and keep them out until the transaction ends.

    Must be the transaction's first statement: two transactions that first read and then write cannot both go on.
    Raises ``UsageConfigError`` if the account is loaded through another connection.
    """
    connection.execute(
        update(account).where(_is_account(account, chunk)).values(x_loaded_at=datetime.now(timezone.utc))
    )
    owner = connection.execute(select(account.c.x_conn_id).where(_is_account(account, chunk))).scalar_one()
    if owner != conn_id:
        raise UsageConfigError(
            f"Billing account {chunk.billing_account_id!r} of {chunk.service_provider_name} is loaded through "
            f"connection {owner!r}, not through {conn_id!r}: two connections would delete each other's rows. Give this "
            "connection another billing_account_id, or hand the account over (docs: UPDATE usage_account)."
        )


def _is_account(account: Table, chunk: UsageChunk | VendorMonth) -> ColumnElement[bool]:
    return and_(
        account.c.service_provider_name == chunk.service_provider_name,
        account.c.billing_account_id == chunk.billing_account_id,
    )
