"""The simulated usage API, and the Airflow connection to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from datacoves_usage_provider.simulator import DatacovesBilling, Simulator

CONN_ID = "datacoves_billing_default"


@pytest.fixture
def api() -> DatacovesBilling:
    return DatacovesBilling()


@pytest.fixture
def simulator(api: DatacovesBilling) -> Iterator[Simulator]:
    with Simulator(api) as running:
        yield running


@pytest.fixture
def set_datacoves_conn(
    api: DatacovesBilling, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Point the connection to the simulator; arguments replace its host, its password or what its extra has."""

    def set_conn(**changes: Any) -> None:
        fields = {"conn_type": "datacoves_billing", "host": simulator.billing_url, "password": api.key}
        extra = {"billing_account_id": "a-project"}
        for name, value in changes.items():
            (fields if name in fields else extra)[name] = value
        monkeypatch.setenv(f"AIRFLOW_CONN_{CONN_ID.upper()}", json.dumps(fields | {"extra": extra}))

    return set_conn


@pytest.fixture
def datacoves_conn(set_datacoves_conn: Callable[..., None]) -> str:
    set_datacoves_conn()
    return CONN_ID
