"""One billing account through one connection, one load at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone

from sqlalchemy import Table, insert, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, NoResultFound

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.conditions import of_account

# The row gets its owner only under the lock; until then two first loads could each believe they were first.
NOBODY = ""


@contextmanager
def lock_account(engine: Engine, table: Table, account: BillingAccount, conn_id: str) -> Iterator[Connection]:
    """
    Yield a transaction that keeps other loads of the account waiting until the block ends; it waits for theirs first.

    From then on the account belongs to ``conn_id``. Raises ``UsageConfigError`` if it belongs to another connection.
    """
    with engine.connect() as connection:
        denied = None
        for _ in range(2):
            with connection.begin():
                if owners := _lock(connection, table, account):
                    _claim(connection, table, account, owners, conn_id)
                    yield connection
                    return
            try:
                _make_row(connection, table, account)
            except IntegrityError as error:  # another load was faster, or the table does not accept the row
                denied = error
    raise NoResultFound(f"{table.name} does not accept or keep a row for {account}.") from denied


def _lock(connection: Connection, table: Table, account: BillingAccount) -> set[str]:
    """
    Lock the account's rows and return the connections that they name; an empty set if it has no row to lock.

    This must be the transaction's first statement: of two transactions that read before they write, one fails.
    """
    is_account = of_account(table, account)
    now = datetime.now(timezone.utc)
    if not connection.execute(update(table).where(is_account).values(x_loaded_at=now)).rowcount:
        return set()  # reading could now find a row that another load has just made, but it would not be locked
    return set(connection.execute(select(table.c.x_conn_id).where(is_account)).scalars())


def _claim(connection: Connection, table: Table, account: BillingAccount, owners: set[str], conn_id: str) -> None:
    if others := owners - {NOBODY, conn_id}:
        raise UsageConfigError(
            f"Billing account {account.billing_account_id!r} of {account.service_provider_name} is loaded through "
            f"connection {min(others)!r}, not through {conn_id!r}: two connections would delete each other's rows. "
            "Give this connection another billing_account_id, or hand the account over to it: "
            'docs/ddl.md, "Handing an account to another connection".'
        )
    if owners != {conn_id}:
        connection.execute(update(table).where(of_account(table, account)).values(x_conn_id=conn_id))


def _make_row(connection: Connection, table: Table, account: BillingAccount) -> None:
    """
    Make the account's row, which is the lock, in a transaction of its own.

    Where keys are not enforced, two first loads may each make one; both rows are one lock, since a load takes all.
    """
    row = {**account._asdict(), "x_conn_id": NOBODY, "x_loaded_at": datetime.now(timezone.utc)}
    with connection.begin():
        connection.execute(insert(table), row)
