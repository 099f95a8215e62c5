"""Connections of all types, and two of the same, share one table without touching each other's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import Simulator
from tests.contract.cases import CASES
from tests.contract.conftest import connect
from tests.support.truth import days, loaded, truth

ASKED = UsageQuery(days(date(2025, 3, 1), 3))
DAY = ASKED.window.days[1]
ACCOUNTS = "SELECT service_provider_name, billing_account_id, x_conn_id FROM usage_account ORDER BY 3"
CASES_AND_TWINS = [*((case, case.conn_id) for case in CASES), *((case, f"{case.conn_type}_twin") for case in CASES)]


@pytest.fixture
def apis(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Two of each type, by connection id; the second ones have the same ids, and other numbers on one day."""
    found: dict[str, Any] = {}
    running = []
    for case, conn_id in CASES_AND_TWINS:
        api = found[conn_id] = case.make_api()
        if conn_id.endswith("twin"):
            case.restate(api, DAY)
        running.append(Simulator(api))
        running[-1].start()
        connect(monkeypatch, case, api, running[-1], conn_id)
    yield found
    for simulator in running:
        simulator.stop()


def check(warehouse: Any, apis: dict[str, Any]) -> None:
    for _, conn_id in CASES_AND_TWINS:
        held = truth(apis[conn_id], ASKED)
        assert loaded(warehouse, f"billing_account_id = '{conn_id}' AND x_conn_id = '{conn_id}'") == held != {}


def test_p5_connections_of_all_types_share_a_table(apis, execute: Callable[..., Any], warehouse):
    def collect(conn_id: str, **filters: Any) -> None:
        window = {"start": str(ASKED.window.start), "end": str(ASKED.window.end)}
        execute(usage_conn_id=conn_id, **window, filters=filters)

    for _, conn_id in CASES_AND_TWINS:
        collect(conn_id)
    check(warehouse, apis)
    assert [row[1] for row in warehouse.query(ACCOUNTS)] == sorted(apis)
    for case in CASES:
        case.restate(apis[case.conn_id], DAY)
        collect(case.conn_id)
    check(warehouse, apis)
