"""How many requests an API has to do with at the same time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


@dataclass(kw_only=True)
class Traffic:
    """
    Counts requests that overlap. ``latency``: seconds that an answer takes; without any, few are seen to overlap.

    ``most_in_flight`` is the largest number of requests that were being answered at once; it may be set back to 0.
    """

    latency: float = 0.0
    most_in_flight: int = field(default=0, init=False)
    _in_flight: int = field(default=0, init=False, repr=False)
    _counting: Lock = field(default_factory=Lock, init=False, repr=False)

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """One request, from its arrival until its answer is ready."""
        with self._counting:
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            time.sleep(self.latency)
            yield
        finally:
            with self._counting:
                self._in_flight -= 1
