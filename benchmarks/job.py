"""What a contestant has to do, and where."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta

KEY = "a-key-for-the-benchmarks"


@dataclass(frozen=True)
class Job:
    """The days from ``start`` up to, but not including, ``end`` (``YYYY-MM-DD``), from ``url`` into ``database``."""

    url: str
    database: str
    start: str
    end: str

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @property
    def last(self) -> str:
        """The last day, for APIs whose end is inclusive."""
        return str(date.fromisoformat(self.end) - timedelta(days=1))
