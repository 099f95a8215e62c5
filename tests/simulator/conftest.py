from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from datacoves_usage_provider.simulator import DatacovesBilling, Simulator

NOON = datetime(2026, 3, 15, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def api() -> DatacovesBilling:
    """The API at noon of 2026-03-15, a Sunday."""
    return DatacovesBilling(now=lambda: NOON)


@pytest.fixture
def http(api: DatacovesBilling) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Token {api.key}"
        yield session


@pytest.fixture
def ask(simulator: Simulator, http: requests.Session) -> Callable[..., requests.Response]:
    """Send a request over the socket: ``ask("/abc123/", start_date=...)``."""

    def get(path: str = "/", **params: Any) -> requests.Response:
        return http.get(simulator.billing_url + path, params=params, allow_redirects=False, timeout=5)

    return get
