from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from datacoves_usage_provider.simulator import Simulator, WebCrawlerApi

NOON = datetime(2026, 3, 15, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def api() -> WebCrawlerApi:
    """The API at noon of 2026-03-15."""
    return WebCrawlerApi(now=lambda: NOON)


@pytest.fixture
def http(api: WebCrawlerApi) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {api.key}"
        yield session


@pytest.fixture
def ask(simulator: Simulator, http: requests.Session) -> Callable[..., requests.Response]:
    """Send a request over the socket: ``ask("2026-03-02", "2026-03-08", include_daily=1)``."""

    def get(start: str | None = None, last: str | None = None, **params: Any) -> requests.Response:
        dates = {"from": start, "to": last}
        return http.get(f"{simulator.url}/v2/organization/usage", params=dates | params, timeout=5)

    return get
