from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timezone
from typing import Any

import pytest
import requests

from datacoves_usage_provider.simulator import B3os, Simulator


@pytest.fixture
def api(noon: datetime) -> B3os:
    return B3os(now=lambda: noon)


@pytest.fixture
def auth_scheme() -> str:
    return "Bearer"


@pytest.fixture
def get(simulator: Simulator, http: requests.Session, api: B3os) -> Callable[..., requests.Response]:
    """Send a request over the socket: ``get(from_millisecond, to_millisecond)``."""

    def get(start: Any, last: Any, organization: str = api.organization_id) -> requests.Response:
        url = f"{simulator.url}/v1/organizations/{organization}/cu/usage-by-workflow"
        return http.get(url, params={"from": start, "to": last}, timeout=60)

    return get


@pytest.fixture
def midnight() -> Callable[[date], int]:
    """The first unix millisecond of a UTC day."""
    return lambda day: int(datetime.combine(day, time(), timezone.utc).timestamp()) * 1000
