"""The Datacoves Billing API at a fixed noon, and a client of it; the other APIs' folders put their own in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from datacoves_usage_provider.simulator import DatacovesBilling, Simulator


@pytest.fixture
def noon() -> datetime:
    """That of 2026-03-15, a Sunday."""
    return datetime(2026, 3, 15, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def api(noon: datetime) -> DatacovesBilling:
    return DatacovesBilling(now=lambda: noon)


@pytest.fixture
def auth_scheme() -> str:
    return "Token"


@pytest.fixture
def http(api: Any, auth_scheme: str) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"{auth_scheme} {api.key}"
        yield session


@pytest.fixture
def get(simulator: Simulator, http: requests.Session) -> Callable[..., requests.Response]:
    """Send a request over the socket: ``get("/abc123/", start_date=...)``."""

    def get(path: str = "/", **params: Any) -> requests.Response:
        return http.get(simulator.billing_url + path, params=params, allow_redirects=False, timeout=60)

    return get
