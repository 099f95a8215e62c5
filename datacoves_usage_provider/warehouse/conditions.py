"""Which rows of a table are meant."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Table, and_
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.query import Scope


def of_account(table: Table, account: BillingAccount) -> ColumnElement[bool]:
    """Return the condition that holds for the rows of ``account``."""
    return and_(
        table.c.service_provider_name == account.service_provider_name,
        table.c.billing_account_id == account.billing_account_id,
    )


def in_scope(table: Table, scope: Scope) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that together hold for the rows of ``scope``; none if it does not narrow."""
    return (table.c[dimension].in_(values) for dimension, values in scope.narrowed.items())
