"""Reads an operator's arguments together, so that one error lists everything that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.operators.rendered import simplify


class ArgumentReader:
    """The arguments ``given`` to an operator, as rendering leaves them."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self._problems: list[str] = []

    def read(self, parse: Callable[..., Any], *names: str) -> Any:
        """Return what ``parse`` makes of these arguments; its ``ValueError`` is noted, and the result then None."""
        try:
            return parse(*(simplify(self._given[name]) for name in names))
        except ValueError as error:
            self._problems.append(f"{' and '.join(names)}: {error}")
            return None

    def check(self) -> None:
        """Raise a ``UsageConfigError`` if anything that was read is wrong."""
        if self._problems:
            raise UsageConfigError(f"The task's arguments are wrong: {'; '.join(self._problems)}.")
