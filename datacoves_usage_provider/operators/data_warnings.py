"""What about the data of a chunk a person should look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.text import count, list_warnings, quote, shorten
from datacoves_usage_provider.warehouse.changes import Changes
from datacoves_usage_provider.window import UsageWindow

_MOST_VALUES = 20


def find_data_warnings(chunk: UsageChunk, period: UsageWindow, changes: Changes | None) -> Iterator[str]:
    """Yield sentences; ``changes`` are what the load of ``chunk`` changed, None if it was not loaded."""
    if missing := [day for day in chunk.missing_days if day in period]:
        yield (
            f"{chunk.account.service_provider_name} does not cover {', '.join(map(str, missing))} yet, so it "
            "was not loaded. A later run with catch_up_days loads it."
        )
    yield from _describe_unknown(chunk, chunk.unseen if changes is None else changes.unknown)
    if changes is not None:
        yield from _describe_changes(chunk, changes)


def _describe_unknown(chunk: UsageChunk, unknown: Scope) -> Iterator[str]:
    for name, values in unknown.narrowed.items():
        yield (
            f"{chunk.account} has no usage of {name} {_join(values)} in {chunk.window}, and "
            f"{chunk.account.service_provider_name} ignores ids that it does not know. Nothing was loaded for "
            "these ids. Are they spelled right, and does the key have access to them?"
        )


def _describe_changes(chunk: UsageChunk, changes: Changes) -> Iterator[str]:
    for (meter, before, after), rows in changes.units.items():
        yield (
            f"The unit of {meter} of {chunk.account} changed from {before} to {after} in {count(rows, 'row')} of "
            f"{chunk.window}. usage_revision has no column for units: its numbers from before that load are {before}."
        )
    yield from list_warnings(
        f"Sub account {quote(sub_account)} of {chunk.account} no longer has usage in {chunk.window}. Its rows were "
        "removed; usage_revision keeps their numbers. Was it deleted, or did the key lose access to it?"
        for sub_account in changes.find_vanished()
    )


def _join(values: Sequence[str]) -> str:
    shown = ", ".join(map(shorten, values[:_MOST_VALUES]))
    return shown if len(values) <= _MOST_VALUES else f"{shown} and {len(values) - _MOST_VALUES} more"
