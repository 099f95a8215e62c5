from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import requests

from datacoves_usage_provider.simulator import Simulator, WebCrawlerApi


@pytest.fixture
def api(noon: datetime) -> WebCrawlerApi:
    return WebCrawlerApi(now=lambda: noon)


@pytest.fixture
def auth_scheme() -> str:
    return "Bearer"


@pytest.fixture
def get(simulator: Simulator, http: requests.Session) -> Callable[..., requests.Response]:
    """Send a request over the socket: ``get("2026-03-02", "2026-03-08", include_daily=1)``."""

    def get(start: str | None = None, last: str | None = None, **params: Any) -> requests.Response:
        dates = {"from": start, "to": last}
        return http.get(f"{simulator.url}/v2/organization/usage", params=dates | params, timeout=60)

    return get
