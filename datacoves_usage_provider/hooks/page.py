"""What one answer of a usage API says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.records import UsageRecord


@dataclass(frozen=True)
class UsagePage:
    """
    The records of an answer, and whether there is more.

    ``next_request`` asks for the next page, None after the last. ``total`` is how many records, each with a key of its
    own, the server says that all pages have together; None where it does not say.
    """

    records: Iterable[UsageRecord]
    next_request: UsageRequest | None = None
    total: int | None = None
