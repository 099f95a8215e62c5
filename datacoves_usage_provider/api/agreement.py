"""Merges the records of several responses. Where these cover the same usage, they must agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from typing import NamedTuple

from datacoves_usage_provider.api.usage_api import UsagePage
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.query import Coverage
from datacoves_usage_provider.records import UsageRecord, add_up, describe, get_key
from datacoves_usage_provider.text import shorten
from datacoves_usage_provider.window import UsageWindow


class Merged(NamedTuple):
    """``records`` of several responses, one for each key; ``empty``: requests whose responses had none."""

    records: tuple[UsageRecord, ...]
    empty: tuple[Coverage, ...]


class Contradiction(Exception):  # noqa: N818 (it never leaves the reader, which then reads again)
    """Two responses disagree; the text says on which record."""


def merge(window: UsageWindow, readings: Iterable[tuple[UsageRequest, Iterable[UsagePage]]]) -> Merged:
    """
    Return the records of ``window`` on the pages of all requests.

    A record that is in the responses to two different requests counts once: where two requests overlap, their records
    must be equal; otherwise it raises ``Contradiction``. There is one exception: a request that includes the other one
    may have none of the shared records, because some APIs leave them out of wider responses. Records of one key in
    requests with the same window and scope are added up, like those in one response.
    """
    found: defaultdict[Coverage, list[UsageRecord]] = defaultdict(list)
    for request, pages in readings:
        coverage = Coverage(request.window, request.scope)
        for page in pages:
            found[coverage] += coverage.select(tuple(page.records))
    merged = dict(found)
    for one, other in combinations(found, 2):
        if one.overlaps(other):
            in_one, in_other = other.select(found[one], one), one.select(found[other], other)
            if _agree(one, in_one, other, in_other):
                merged[other] = _remove(in_one, merged[other]) if len(in_other) < len(found[other]) else []
    whole = Coverage(window)
    records = add_up([*chain.from_iterable(whole.select(records, known) for known, records in merged.items())])
    return Merged(records, tuple(_find_empty(found)))


def _find_empty(found: Mapping[Coverage, Sequence[UsageRecord]]) -> Iterator[Coverage]:
    """Yield what was ``found`` to have no record; a request that another one includes is a part of that."""
    for one in (coverage for coverage, own in found.items() if not own):
        if not any(other.includes(one) for other in found if other != one):
            yield one


def _remove(said: Iterable[UsageRecord], records: Iterable[UsageRecord]) -> list[UsageRecord]:
    keys = set(map(get_key, said))
    return [record for record in records if get_key(record) not in keys]


def _agree(one: Coverage, in_one: Sequence[UsageRecord], other: Coverage, in_other: Sequence[UsageRecord]) -> bool:
    """Return True if both have the same records, False if the wider request has none of them; otherwise raise."""
    if (not in_one and one.includes(other)) or (not in_other and other.includes(one)):
        return False
    if in_one == in_other:  # as they nearly always are, in the same order
        return True
    first, second = ({get_key(record): record for record in add_up(records)} for records in (in_one, in_other))
    for key in first | second:
        if first.get(key) != second.get(key):
            raise Contradiction(_describe(first.get(key), second.get(key)))
    return True


def _describe(first: UsageRecord | None, second: UsageRecord | None) -> str:
    record = first or second
    assert record is not None  # noqa: S101 (its key is that of one of them)
    return f"{describe(record)} is {_show(first)} in one response and {_show(second)} in another"


def _show(record: UsageRecord | None) -> str:
    return "not there" if record is None else shorten(str(record.consumed_quantity))
