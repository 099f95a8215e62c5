"""All result pages of one request, whole: no record twice, none missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from datacoves_usage_provider.api.usage_api import UsagePage
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.exceptions import PageGoneError, UsageApiUnavailableError, UsageDataError

_MAX_READINGS = 4


def read_all_pages(first: UsageRequest, get_page: Callable[[UsageRequest], UsagePage]) -> list[UsagePage]:
    """
    Return the pages of ``first`` and of the requests that follow it.

    Where the server says how many records there are, this is compared with what came. Rows that are added or removed
    during the reading move others to another page, or leave none for the last; then everything is read again, three
    times at most, before it is an ``UsageApiUnavailableError``. A single page that contradicts itself is a
    ``UsageDataError``.
    """
    for _ in range(_MAX_READINGS):
        try:
            pages = list(_follow(first, get_page))
        except PageGoneError:
            continue
        totals = [page.total for page in pages if page.total is not None]
        if not totals:
            return pages
        keys = [record.key for page in pages for record in page.records]
        if len(set(keys)) == len(keys) and all(total == len(keys) for total in totals):
            return pages
        if len(pages) == 1:
            raise UsageDataError(
                f"{first.url}: the response says that it has {totals[0]} records, but it has {len(set(keys))}."
            )
    raise UsageApiUnavailableError(
        f"{first.url}: rows were added or removed while its pages were read, {_MAX_READINGS} times in a row. "
        "None of them were loaded. Airflow's retries will try again later."
    )


def _follow(first: UsageRequest, get_page: Callable[[UsageRequest], UsagePage]) -> Iterator[UsagePage]:
    request: UsageRequest | None = first
    while request is not None:
        page = get_page(request)
        yield page
        request = page.next_request
