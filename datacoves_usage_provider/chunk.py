"""The part of a window that is asked, checked and loaded at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.records import UsageRecord, describe
from datacoves_usage_provider.window import UsageWindow

PARTS = ("sub_account_id", "service_name", "resource_id")
"""The fields of ``UsageRecord`` that a scope may name, since the load log keeps what was loaded by them."""
ANY = "*"
"""In the load log: every sub account, service or resource that the account has."""

Scope = Mapping[str, tuple[str, ...]]
"""Some of ``PARTS`` and the only values that they may have: a query's filters in the words of the tables."""


class BillingAccount(NamedTuple):
    """Whom a provider's bill goes to, in the words of the tables."""

    service_provider_name: str
    billing_account_id: str


@dataclass(frozen=True)
class UsageChunk:
    """
    All usage of one billing account in ``days`` and ``scope``, checked, one record for each key.

    ``days`` are those of ``window`` that the server really covered; a load replaces exactly these, in ``scope``.
    ``requests`` counts every try, ``retries`` those beyond the first of each request. ``unseen`` are values of
    ``scope`` that no record has, where the API leaves out those that it does not know without a word.
    """

    service_provider_name: str
    billing_account_id: str
    window: UsageWindow
    days: tuple[date, ...]
    scope: Scope
    records: tuple[UsageRecord, ...]
    requests: int
    retries: int
    unseen: Scope = field(default_factory=dict)

    @property
    def account(self) -> BillingAccount:
        return BillingAccount(self.service_provider_name, self.billing_account_id)


@dataclass(frozen=True)
class VendorMonth:
    """
    What a vendor itself says of one whole month, where that is not the sum of its days.

    ``month`` is its first day, which all ``records`` have as their day. A load replaces it in ``scope``.
    """

    service_provider_name: str
    billing_account_id: str
    month: date
    scope: Scope
    records: tuple[UsageRecord, ...]

    @property
    def account(self) -> BillingAccount:
        return BillingAccount(self.service_provider_name, self.billing_account_id)


def find_unseen(scope: Scope, records: Sequence[UsageRecord]) -> Scope:
    """Return those values of ``scope`` that no record has."""
    seen = {name: {getattr(record, name) for record in records} for name in scope}
    unseen = {name: tuple(value for value in values if value not in seen[name]) for name, values in scope.items()}
    return {name: values for name, values in unseen.items() if values}


def is_in_scope(record: UsageRecord, scope: Scope) -> bool:
    """Tell whether ``record`` has one of the values wanted of each field that ``scope`` names."""
    return all(getattr(record, name) in wanted for name, wanted in scope.items())


def check_in_scope(records: Iterable[UsageRecord], scope: Scope) -> None:
    """Raise a ``UsageDataError`` for a record that was not asked for."""
    for name, wanted in scope.items():
        for record in records:
            if getattr(record, name) not in wanted:
                raise UsageDataError(
                    f"{describe(record)}: the answer has {name} {getattr(record, name)!r}, "
                    f"but only {', '.join(wanted)} was asked for."
                )
