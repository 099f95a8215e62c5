"""The days of a window that are requested, checked and loaded at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from datacoves_usage_provider.query import Coverage, Scope
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.window import UsageWindow


class BillingAccount(NamedTuple):
    """Who pays a provider's bill, by the columns of the tables."""

    service_provider_name: str
    billing_account_id: str

    def __str__(self) -> str:
        return f"{self.service_provider_name} account {self.billing_account_id!r}"


@dataclass(frozen=True)
class UsageChunk:
    """
    All usage of one billing account in ``days`` and ``scope``, checked, one record for each key.

    ``days`` are those of ``window`` that the server really covered; a load replaces exactly these, in ``scope``.
    ``requests`` counts every try, ``retries`` those beyond the first of each request. ``unseen`` are values of
    ``scope`` that no record has, if the API leaves out unknown ones without an error. ``empty`` are requests whose
    responses had no record. ``warnings`` are sentences about the responses.
    """

    account: BillingAccount
    window: UsageWindow
    days: tuple[date, ...]
    scope: Scope
    records: tuple[UsageRecord, ...]
    requests: int
    retries: int
    unseen: Scope = field(default_factory=Scope)
    empty: tuple[Coverage, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def missing_days(self) -> tuple[date, ...]:
        """The days of ``window`` that the server did not cover."""
        return tuple(day for day in self.window.days if day not in self.days)


@dataclass(frozen=True)
class VendorMonth:
    """
    A vendor's own figures of one whole month, where they are not the sum of its days.

    ``month`` is its first day, which all ``records`` have as their day. A load replaces it in ``scope``.
    """

    account: BillingAccount
    month: date
    scope: Scope
    records: tuple[UsageRecord, ...]
