"""Hooks of other providers, which Airflow then knows like installed ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest

RegisterHook = Callable[..., None]
"""Registers ``hook_class`` for ``conn_type``; the name of its connection's argument may be given."""


@pytest.fixture
def register_hook(monkeypatch: pytest.MonkeyPatch) -> RegisterHook:
    from datacoves_usage_provider.compat import ProvidersManager

    def register(conn_type: str, hook_class: type, argument: str = "conn_id") -> None:
        path = f"{hook_class.__module__}.{hook_class.__qualname__}"
        monkeypatch.setitem(
            ProvidersManager().hooks,
            conn_type,
            SimpleNamespace(
                hook_class_name=path, connection_id_attribute_name=argument, hook_name=conn_type, package_name="tests"
            ),
        )

    return register


@pytest.fixture
def set_other_conn(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Make a connection of any type; return its id."""

    def set_conn(conn_type: str, **fields: str) -> str:
        monkeypatch.setenv("AIRFLOW_CONN_OTHER", json.dumps({"conn_type": conn_type, **fields}))
        return "other"

    return set_conn
