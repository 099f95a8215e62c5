"""What the drills run on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from datacoves_usage_provider.compat import BaseHook
from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook


@pytest.fixture
def hook(datacoves_conn: str) -> DatacovesBillingHook:
    return BaseHook.get_connection(datacoves_conn).get_hook()


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
