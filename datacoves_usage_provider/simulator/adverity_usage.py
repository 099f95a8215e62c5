"""Rows of Adverity workspaces: pseudo-random, the same on every machine, for every complete day since 2024."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from datacoves_usage_provider.simulator.usage import FIRST_DAY, days_between, draw, utc_now


class Rows(NamedTuple):
    """``unique`` is at most ``total``, which counts duplicates, too."""

    unique: int
    total: int


@dataclass(frozen=True)
class Workspace:
    """``id`` and ``datastream_ids`` are UUIDs. It may also have rows that belong to no datastream."""

    id: str
    name: str
    datastream_ids: tuple[str, ...]


WORKSPACES = (
    Workspace(
        "0d6f6c1e-6d0b-4a3e-9a53-2a8f5d1c7b01",
        "Marketing",
        (
            "5b1d8a52-0f5f-4a6c-8f0e-91d2c7a40a11",
            "7f0a2c9d-31b4-4e7a-b6d5-08e4f3b92c12",
            "c2e94b7a-5d18-4f03-a1c6-e7d05a8b3f13",
        ),
    ),
    Workspace(
        "3a9e4f70-b2c5-4d81-8e6f-5c7d0a1b9e02",
        "Marketing / EMEA",
        ("19f3d6b8-7c2e-4b5a-9d40-a6e8b1c5f021", "e85c0a4d-92f7-4136-bb1e-3d6f7a9c0822"),
    ),
    Workspace(
        "b7c1d2e3-f4a5-4b6c-9d8e-7f6a5b4c3d03",
        "Société Générale d'Été",
        (
            "4d7e1f9a-8b3c-4c52-a0d6-f2b9e5c81731",
            "8a6b5c4d-1e2f-4a3b-8c9d-0e1f2a3b4c32",
            "d3f2a1b0-c9e8-4d7f-b6a5-948372615033",
        ),
    ),
)


@dataclass(kw_only=True)
class AdverityRows:
    """What was really processed, for tests to compare with. ``now`` is the clock, in UTC."""

    now: Callable[[], datetime] = utc_now
    workspaces: tuple[Workspace, ...] = WORKSPACES
    _restated: dict[tuple[str, str | None, date], Rows | None] = field(default_factory=dict, init=False, repr=False)

    def rows(self, workspace_id: str, datastream_id: str | None, day: date) -> Rows | None:
        """Return the rows of a UTC day that is over; None: there is no item. 0 rows are an item."""
        if day >= self.now().date():
            return None
        key = (workspace_id, datastream_id, day)
        return self._restated[key] if key in self._restated else rows_of_day(*key)

    def restate(self, workspace_id: str, datastream_id: str | None, day: date, rows: Rows | None) -> None:
        """Correct a day, as a vendor may do later; None removes its item."""
        self._restated[workspace_id, datastream_id, day] = rows

    def total(self, workspace_id: str, datastream_id: str | None, start: date, end: date) -> Rows:
        """Return the sums over the UTC days from ``start`` up to, but not including, ``end``."""
        found = self._find(workspace_id, datastream_id, start, end)
        return Rows(sum(rows.unique for rows in found), sum(rows.total for rows in found))

    def monthly_rows(self, workspace_id: str, datastream_id: str | None, start: date, end: date) -> Rows | None:
        """
        Return the vendor's own figure for days of one month, from ``start`` up to, but not including, ``end``.

        A row that several days have is unique once in a month, so ``unique`` lies between that of the largest day and
        the sum of the days. None: no day has an item.
        """
        found = self._find(workspace_id, datastream_id, start, end)
        if not found:
            return None
        largest, whole = max(rows.unique for rows in found), sum(rows.unique for rows in found)
        share = draw(f"{workspace_id}/{datastream_id}/{start:%Y-%m}")[0]
        return Rows(largest + int((whole - largest) * share), sum(rows.total for rows in found))

    def _find(self, workspace_id: str, datastream_id: str | None, start: date, end: date) -> list[Rows]:
        days = (self.rows(workspace_id, datastream_id, day) for day in days_between(start, end))
        return [rows for rows in days if rows is not None]


@lru_cache(maxsize=1 << 17)
def rows_of_day(workspace_id: str, datastream_id: str | None, day: date) -> Rows | None:
    """
    Return the rows of one UTC day; None where the API has no item.

    A datastream has no item on one day in ten, and 0 rows on another. Rows of no datastream exist on one day in three.
    """
    chance, size = draw(f"{workspace_id}/{datastream_id}/{day.toordinal()}")
    if day < FIRST_DAY or chance < (0.1 if datastream_id else 0.67):
        return None
    total = 0 if datastream_id and chance < 0.2 else int(_scale(workspace_id, datastream_id) * (0.5 + size))
    return Rows(int(total * (0.6 + 0.4 * chance)), total)


@lru_cache(maxsize=4096)
def _scale(workspace_id: str, datastream_id: str | None) -> float:
    """The rows of a usual day."""
    return 10 ** (2 + 4 * draw(f"{workspace_id}/{datastream_id}")[0])
