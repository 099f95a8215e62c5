"""Each test that asks for ``case`` runs for every API; a file for one API has a fixture ``case`` of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from datacoves_usage_provider.compat import BaseHook
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.simulator import Simulator
from tests.contract.cases import CASES, ContractCase
from tests.support.usage_api import SetConnection, set_usage_conn

NOON = datetime(2026, 3, 15, 12, 0, tzinfo=timezone.utc)


def connect(
    monkeypatch: pytest.MonkeyPatch, case: ContractCase, api: Any, simulator: Simulator, conn_id: str, **changes: Any
) -> None:
    """Make the Airflow connection ``conn_id`` to ``api``; ``changes`` replace what it has."""
    made = api.make_connection(simulator.url)
    fields = {"conn_type": case.conn_type, "host": made.host, "password": made.key}
    set_usage_conn(monkeypatch, conn_id, fields, made.extra, **changes)


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> ContractCase:
    return request.param


@pytest.fixture
def api(case: ContractCase) -> Any:
    return case.make_api()


@pytest.fixture
def set_conn(case: ContractCase, api: Any, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> SetConnection:
    """Point the connection to the API as its switches are now; arguments replace what it has."""

    def set_it(**changes: Any) -> None:
        connect(monkeypatch, case, api, simulator, case.conn_id, **{"billing_account_id": "an-account"} | changes)

    return set_it


@pytest.fixture
def conn_id(case: ContractCase, set_conn: SetConnection) -> str:
    set_conn()
    return case.conn_id


@pytest.fixture
def make_hook(conn_id: str) -> Callable[[], UsageHook]:
    """A hook reads its connection once: one that was changed since needs another hook."""
    return lambda: BaseHook.get_connection(conn_id).get_hook()


@pytest.fixture
def hook(make_hook: Callable[[], UsageHook]) -> UsageHook:
    return make_hook()


@pytest.fixture
def collect(conn_id: str, execute: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    return lambda **arguments: execute(**({"usage_conn_id": conn_id} | arguments))


class _Noon(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return NOON.astimezone(tz)


@pytest.fixture
def noon(api: Any, mocker) -> datetime:
    """Noon of 2026-03-15, for the API and for the task: yesterday is the 14th."""
    api.now = lambda: NOON
    for module in ("api.reader", "hooks.trial", "operators.collection"):
        mocker.patch(f"datacoves_usage_provider.{module}.datetime", _Noon)
    return NOON


@pytest.fixture(autouse=True)
def requests_in_turn(in_turn: None) -> None:
    """Faults are meant for a certain request, so none is sent beside another."""
