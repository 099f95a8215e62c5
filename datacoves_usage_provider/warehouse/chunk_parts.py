"""A chunk in parts that are small enough to be compared with their rows at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.records import UsageRecord

_RECORDS_AT_ONCE = 50_000


class ChunkPart(NamedTuple):
    """Some ``days`` of a chunk, in order, and all of its ``records`` on them."""

    days: tuple[date, ...]
    records: Sequence[UsageRecord]


def split_days(chunk: UsageChunk) -> list[ChunkPart]:
    """Return the parts that make up ``chunk``; a day is never split. Most chunks are one part."""
    if len(chunk.records) <= _RECORDS_AT_ONCE:
        return [ChunkPart(chunk.days, chunk.records)]
    return list(_group_days(chunk))


def _group_days(chunk: UsageChunk) -> Iterator[ChunkPart]:
    by_day: dict[date, list[UsageRecord]] = {day: [] for day in chunk.days}
    for record in chunk.records:
        by_day[record.charge_period_start].append(record)
    days: list[date] = []
    records: list[UsageRecord] = []
    for day, of_day in by_day.items():
        if days and len(records) + len(of_day) > _RECORDS_AT_ONCE:
            yield ChunkPart(tuple(days), records)
            days, records = [], []
        days.append(day)
        records += of_day
    yield ChunkPart(tuple(days), records)
