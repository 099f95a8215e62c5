"""So many requests a second, and no more."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from threading import Lock


@dataclass
class RateLimit:
    """A window of one second that slides along the clock of the machine; requests that are refused do not count."""

    _taken: deque[float] = field(default_factory=deque, init=False)
    _taking: Lock = field(default_factory=Lock, init=False)

    def take(self, limit: int) -> bool:
        """Return whether one more request is within ``limit`` requests a second."""
        with self._taking:
            now = time.monotonic()
            while self._taken and self._taken[0] <= now - 1:
                self._taken.popleft()
            allowed = len(self._taken) < limit
            if allowed:
                self._taken.append(now)
            return allowed
