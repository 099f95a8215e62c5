"""What is sent to databases, as it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


@contextmanager
def watching(watch: Callable[[str], None]) -> Iterator[None]:
    """Let ``watch`` see each statement of any engine just before it runs, and ``COMMIT``."""

    def see_statement(_: Any, __: Any, statement: str, *___: Any) -> None:
        watch(statement)

    def see_commit(_: Any) -> None:
        watch("COMMIT")

    event.listen(Engine, "before_cursor_execute", see_statement)
    event.listen(Engine, "commit", see_commit)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", see_statement)
        event.remove(Engine, "commit", see_commit)
