from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timezone
from typing import Any

import pytest
import requests

from datacoves_usage_provider.simulator import B3os, Simulator

NOON = datetime(2026, 3, 15, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def api() -> B3os:
    """The API at noon of 2026-03-15."""
    return B3os(now=lambda: NOON)


@pytest.fixture
def http(api: B3os) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {api.key}"
        yield session


@pytest.fixture
def ask(simulator: Simulator, http: requests.Session, api: B3os) -> Callable[..., requests.Response]:
    """Send a request over the socket: ``ask(from_millisecond, to_millisecond)``."""

    def get(start: Any, last: Any, organization: str = api.organization_id) -> requests.Response:
        url = f"{simulator.url}/v1/organizations/{organization}/cu/usage-by-workflow"
        return http.get(url, params={"from": start, "to": last}, timeout=5)

    return get


@pytest.fixture
def midnight() -> Callable[[date], int]:
    """The first unix millisecond of a UTC day."""
    return lambda day: int(datetime.combine(day, time(), timezone.utc).timestamp()) * 1000
