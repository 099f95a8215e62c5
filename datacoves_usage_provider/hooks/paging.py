"""All pages of one question, whole: no record twice, none missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from datacoves_usage_provider.client.refusal import PageGoneError
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.exceptions import UsageApiUnavailableError, UsageDataError
from datacoves_usage_provider.hooks.page import UsagePage
from datacoves_usage_provider.records import UsageRecord

_MOST_READINGS = 4


class _Reading(NamedTuple):
    records: list[UsageRecord]
    totals: list[int]

    @property
    def is_whole(self) -> bool:
        return all(total == len(self.records) for total in self.totals) and (
            not self.totals or len({record.key for record in self.records}) == len(self.records)
        )


def read_all_pages(first: UsageRequest, ask: Callable[[UsageRequest], UsagePage]) -> list[UsageRecord]:
    """
    Return the records of ``first`` and of the pages that follow it.

    Where the server says how many there are, this is checked against what came: rows that are added or removed
    while paging move others to another page, or leave none for the last, so then all is read again, three times at
    most, before it is an ``UsageApiUnavailableError``. A single page that contradicts itself is a ``UsageDataError``.
    """
    for _ in range(_MOST_READINGS):
        try:
            pages = list(_follow(first, ask))
        except PageGoneError:
            continue
        reading = _Reading(
            [record for page in pages for record in page.records],
            [page.total for page in pages if page.total is not None],
        )
        if reading.is_whole:
            return reading.records
        if len(pages) == 1:
            raise UsageDataError(
                f"{first.url}: the answer says that it has {reading.totals[0]} records and has "
                f"{len({record.key for record in reading.records})}."
            )
    raise UsageApiUnavailableError(
        f"{first.url}: rows were added or removed while its pages were read, {_MOST_READINGS} times in a row. "
        "Nothing was loaded of them: let Airflow try again later."
    )


def _follow(first: UsageRequest, ask: Callable[[UsageRequest], UsagePage]) -> Iterator[UsagePage]:
    request: UsageRequest | None = first
    while request is not None:
        page = ask(request)
        yield page
        request = page.next_request
