"""These tests need fakesnow, which is installed where `make snowflake` runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    return None if "snowflake" in config.getoption("warehouses") else True


@pytest.fixture
def sessions(snowflake_warehouse: Any) -> Callable[[], list[dict[str, Any]]]:
    """The arguments of each session that was opened: fakesnow keeps those of the connector's ``connect``."""
    import snowflake.connector

    return lambda: [call.kwargs for call in snowflake.connector.connect.call_args_list]


@pytest.fixture
def statements(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], snowflake_warehouse: Any
) -> Callable[[], list[str]]:
    """The lines of the statements that ran since the last call, as fakesnow itself prints them."""
    monkeypatch.setenv("FAKESNOW_DEBUG", "snowflake")

    def read() -> list[str]:
        return capsys.readouterr().err.splitlines()

    return read
