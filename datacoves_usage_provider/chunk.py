"""The part of a window that is asked, checked and loaded at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.records import UsageRecord, describe
from datacoves_usage_provider.window import UsageWindow

Scope = Mapping[str, tuple[str, ...]]
"""Fields of ``UsageRecord`` and the only values that they may have: a query's filters in the words of the tables."""


@dataclass(frozen=True)
class UsageChunk:
    """
    All usage of one billing account in ``days`` and ``scope``, checked, one record for each key.

    ``days`` are those of ``window`` that the server really covered; a load replaces exactly these, in ``scope``.
    ``requests`` counts every try, ``retries`` those beyond the first of each request.
    """

    service_provider_name: str
    billing_account_id: str
    window: UsageWindow
    days: tuple[date, ...]
    scope: Scope
    records: tuple[UsageRecord, ...]
    requests: int
    retries: int


def check_in_scope(records: Iterable[UsageRecord], scope: Scope) -> None:
    """Raise a ``UsageDataError`` for a record that was not asked for."""
    for record in records:
        for name, wanted in scope.items():
            if getattr(record, name) not in wanted:
                raise UsageDataError(
                    f"{describe(record)}: the answer has {name} {getattr(record, name)!r}, "
                    f"but only {', '.join(wanted)} was asked for."
                )
