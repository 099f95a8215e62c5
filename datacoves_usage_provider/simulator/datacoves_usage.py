"""Worker minutes of Datacoves environments: pseudo-random, the same on every machine, for every day since 2024."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from datacoves_usage_provider.simulator.usage import FIRST_DAY, days_between, draw, utc_now

SERVICES = ("airflow", "airbyte", "unknown")

_SATURDAY = 5


@dataclass(kw_only=True)
class WorkerMinutes:
    """What was really used, for tests to compare with. ``now`` is the clock, in UTC."""

    now: Callable[[], datetime] = utc_now
    _restated: dict[tuple[str, str, date], int | None] = field(default_factory=dict, init=False, repr=False)

    def minutes(self, environment: str, service: str, day: date) -> int | None:
        """Return the minutes of a UTC day (of today: until now); None: there is no row. 0 is a row."""
        key = (environment, service, day)
        if key in self._restated:
            return self._restated[key]
        now = self.now()
        today = now.date()
        whole = None if day > today else minutes_of_whole_day(environment, service, day)
        if whole is None or day < today:
            return whole
        return whole * (now.hour * 60 + now.minute) // (24 * 60)

    def restate(self, environment: str, service: str, day: date, minutes: int | None) -> None:
        """Correct a day, as a vendor may do later; None removes its row."""
        self._restated[environment, service, day] = minutes

    def total(self, environment: str, service: str, start: date, end: date) -> int:
        """Return the minutes of the UTC days from ``start`` up to, but not including, ``end``."""
        return sum(self.minutes(environment, service, day) or 0 for day in days_between(start, end))


@lru_cache(maxsize=1 << 17)
def minutes_of_whole_day(environment: str, service: str, day: date) -> int | None:
    """
    Return the minutes of one complete UTC day; None where the API has no row.

    ``airflow`` has a row each day, with fewer minutes on weekends. ``airbyte`` has no row on one day in ten, and 0
    minutes on another. ``unknown`` has a few minutes on one day in ten.
    """
    if day < FIRST_DAY:
        return None
    chance, size = draw(f"{environment}/{service}/{day.toordinal()}")
    if service == "airflow":
        return int(_scale(environment, 200, 1400) * (0.85 + 0.3 * size) * (0.4 if day.weekday() >= _SATURDAY else 1))
    if service == "airbyte":
        return None if chance < 0.1 else 0 if chance < 0.2 else int(_scale(environment, 30, 300) * (0.5 + size))
    return 1 + int(9 * size) if chance < 0.1 else None


@lru_cache(maxsize=4096)
def _scale(environment: str, lowest: int, highest: int) -> float:
    """The minutes of a usual day."""
    return lowest + (highest - lowest) * draw(environment)[0]
