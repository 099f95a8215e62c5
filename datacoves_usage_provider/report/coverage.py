"""Which days of an account are loaded, and which are holes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import product
from typing import Literal, NamedTuple

from datacoves_usage_provider.query import ANY, Cell, CellsByDay
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

State = Literal["loaded", "part", "missing"]
_RECENT_DAYS = 31


class Hole(NamedTuple):
    """Past days that the load log lacks for a part of the account (``'*'``: for all of it)."""

    cell: Cell
    days: list[date]


@dataclass(frozen=True)
class Coverage:
    """
    The load log of one account up to ``until``, from the first day that it has.

    What is expected of a day is what was loaded in the last 31 days: each combination of sub account, service and
    resource of the log that no wider one includes. A part that joins the others, such as a new environment with a
    filter of its own, is expected from its first load on. One that includes what was loaded before it always is.
    """

    loaded: CellsByDay
    until: date

    @cached_property
    def expected(self) -> list[Cell]:
        days = self.loaded.cells
        recent = [day for day in days if day > self.until - ONE_DAY * _RECENT_DAYS]
        found = {cell for day in recent or days for cell in days[day]}
        return sorted(cell for cell in found if not any(wider in found for wider in _widen(cell)))

    @cached_property
    def _days(self) -> list[date]:
        return sorted(self.loaded.cells)

    @property
    def first(self) -> date | None:
        return self._days[0] if self._days else None

    @cached_property
    def last(self) -> date | None:
        """The last day that is loaded whole."""
        return max(self._whole_days, default=None)

    @cached_property
    def _whole_days(self) -> frozenset[date]:
        return frozenset(day for day, cells in self.loaded.cells.items() if self._is_whole(day, cells))

    def _is_whole(self, day: date, cells: AbstractSet[Cell]) -> bool:
        late = {cell for cell, (first, parts) in self._late.items() if day < first and parts.isdisjoint(cells)}
        wanted = self._wanted - late if late else self._wanted
        return bool(wanted) and (wanted <= cells or all(self.loaded.have(day, cell) for cell in wanted))

    @cached_property
    def _wanted(self) -> frozenset[Cell]:
        return frozenset(self.expected)

    @cached_property
    def _late(self) -> dict[Cell, tuple[date, set[Cell]]]:
        """What was not yet loaded on the first day: since when it is, and the cells of the log that it includes."""
        firsts = {cell: self._find_first(cell) for cell in self.expected}
        late = {cell: (first, set[Cell]()) for cell, first in firsts.items() if first != self.first}
        for cell in self._first_loads if late else ():
            for wider in _widen(cell):
                if wider in late:
                    late[wider][1].add(cell)
        return late

    @cached_property
    def _first_loads(self) -> dict[Cell, date]:
        """The cells of the log, each with the first day that has it."""
        found: dict[Cell, date] = {}
        for day in self._days:
            for cell in self.loaded.cells[day]:
                found.setdefault(cell, day)
        return found

    def _find_first(self, cell: Cell) -> date:
        return min(self._first_loads[one] for one in (cell, *_widen(cell)) if one in self._first_loads)

    def get_state(self, day: date) -> State:
        if day in self._whole_days:
            return "loaded"
        return "part" if self.loaded.cells.get(day) else "missing"

    def find_loaded(self, days: Iterable[date]) -> list[date]:
        return [day for day in days if self.get_state(day) == "loaded"]

    def find_holes(self, window: UsageWindow) -> list[Hole]:
        """Return what ``window`` lacks of the days after the first that was loaded of each part."""
        found = [Hole(cell, self._find_missing(cell, window)) for cell in self.expected]
        return [hole for hole in found if hole.days]

    def _find_missing(self, cell: Cell, window: UsageWindow) -> list[date]:
        first = self._find_first(cell)
        return [day for day in window.days if day > first and not self.loaded.have(day, cell)]


def _widen(cell: Cell) -> Iterator[Cell]:
    """Yield the cells that include ``cell`` and more."""
    cells = (Cell(*names) for names in product(*((name, ANY) for name in cell)))
    return (wider for wider in cells if wider != cell)
