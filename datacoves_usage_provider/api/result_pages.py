"""All result pages of one request, whole: no record twice, none missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from datacoves_usage_provider.api.usage_api import UsagePage
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.exceptions import PageGoneError, UsageApiUnavailableError, UsageDataError

MAX_READINGS = 4
_MAX_PAGES = 10_000


def read_all_pages(first: UsageRequest, get_page: Callable[[UsageRequest], UsagePage]) -> list[UsagePage]:
    """
    Return the pages of ``first`` and of the requests that follow it.

    If the server says how many records there are, that number is compared with those received. Rows that are added or
    removed during the reading move others to another page, or leave none for the last one. Then everything is read
    again, at most three times; after that it raises ``UsageApiUnavailableError``. A single page that contradicts
    itself, and pages that do not end, are a ``UsageDataError``.
    """
    for _ in range(MAX_READINGS):
        try:
            pages = list(_follow(first, get_page))
        except PageGoneError:
            continue
        if _are_whole(pages):
            return pages
        if len(pages) == 1:
            count = len({record.key for record in pages[0].records})
            raise UsageDataError(
                f"{first.url}: the response says that it has {pages[0].total} records, but it has {count}."
            )
    raise make_torn_error(f"{first.url}: rows were added or removed while its pages were read")


def make_torn_error(problem: str, example: str = "") -> UsageApiUnavailableError:
    """Return what to raise where usage moved during each of the readings; ``example`` continues the sentence."""
    return UsageApiUnavailableError(
        f"{problem}, {MAX_READINGS} times in a row{example}. None of them were loaded. Airflow's retries will try "
        "again later."
    )


def _are_whole(pages: list[UsagePage]) -> bool:
    """Tell whether ``pages`` have as many records as each that says so says, and none of them twice."""
    totals = {page.total for page in pages}.difference({None})
    if not totals:
        return True
    keys = [record.key for page in pages for record in page.records]
    return totals == {len(keys)} == {len(set(keys))}


def _follow(first: UsageRequest, get_page: Callable[[UsageRequest], UsagePage]) -> Iterator[UsagePage]:
    """Yield page after page, up to the last one or to one without a new record."""
    keys: set[object] = set()
    sent: set[str] = set()
    request: UsageRequest | None = first
    while request is not None:
        _check_has_an_end(request, sent)
        page = get_page(request)
        yield page
        if page.next_request is None:
            return
        page_keys = [record.key for record in page.records]
        if page.total is not None and keys.issuperset(page_keys):
            return  # it brings nothing new, and nor would the next one
        keys.update(page_keys)
        request = replace(page.next_request, received=request.received + len(page_keys))


def _check_has_an_end(request: UsageRequest, sent: set[str]) -> None:
    identity = f"{request.url} {sorted(request.params.items())} {sorted(request.headers.items())}"
    if identity in sent or len(sent) == _MAX_PAGES:
        is_repeated = identity in sent
        found = f"after {len(sent)} of them, one was repeated" if is_repeated else f"there are more than {_MAX_PAGES}"
        raise UsageDataError(f"{request.url}: the result pages do not end: {found}. None of them were loaded.")
    sent.add(identity)
