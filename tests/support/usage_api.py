"""The simulated usage APIs, and the Airflow connections to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from datacoves_usage_provider.api.datacoves_billing import DatacovesBillingApi
from datacoves_usage_provider.simulator import DatacovesBilling, Simulator

CONN_ID = "datacoves_billing_default"

SetConnection = Callable[..., None]
"""Sets ``AIRFLOW_CONN_<conn_id>``; arguments replace its fields, or what its extra has."""


@pytest.fixture
def api() -> DatacovesBilling:
    return DatacovesBilling()


@pytest.fixture
def simulator(api: Any) -> Iterator[Simulator]:
    with Simulator(api) as running:
        yield running


def set_usage_conn(
    monkeypatch: pytest.MonkeyPatch, conn_id: str, fields: Mapping[str, Any], extra: Mapping[str, Any], **changes: Any
) -> None:
    """Make the connection ``conn_id``; ``changes`` replace one of its ``fields``, or are added to its ``extra``."""
    replaced = {name: value for name, value in changes.items() if name in fields}
    added = {name: value for name, value in changes.items() if name not in fields}
    connection = {**fields, **replaced, "extra": {**extra, **added}}
    monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(connection))


@pytest.fixture
def set_datacoves_conn(api: DatacovesBilling, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> SetConnection:
    """Point the connection to the simulator; arguments replace its host, its password or what its extra has."""

    def set_conn(**changes: Any) -> None:
        fields = {"conn_type": "datacoves_billing", "host": simulator.billing_url, "password": api.key, "port": None}
        set_usage_conn(monkeypatch, CONN_ID, fields, {"billing_account_id": "a-project"}, **changes)

    return set_conn


@pytest.fixture
def datacoves_conn(set_datacoves_conn: SetConnection) -> str:
    set_datacoves_conn()
    return CONN_ID


@pytest.fixture
def in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send the requests to Datacoves one after the other, for faults that are meant for a certain one of them."""
    monkeypatch.setattr(DatacovesBillingApi, "concurrency", 1)
