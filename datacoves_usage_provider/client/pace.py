"""How many requests may be under way at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

_FASTER = 0.1


class Pace:
    """
    Lets at most ``most`` requests be under way, their waits between tries included.

    Each answer that asks to come again later halves the number, down to one; ten others raise it by one again.
    """

    def __init__(self, most: int) -> None:
        self._most = self._allowed = float(most)
        self._under_way = 0
        self._changed = Condition()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it for the length of the block."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < int(self._allowed))
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def slow_down(self) -> None:
        with self._changed:
            self._allowed = max(1.0, self._allowed / 2)

    def speed_up(self) -> None:
        with self._changed:
            self._allowed = min(self._most, self._allowed + _FASTER)
