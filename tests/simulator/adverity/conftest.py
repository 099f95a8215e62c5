from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import requests

from datacoves_usage_provider.simulator import Adverity, Simulator


@pytest.fixture
def api(noon: datetime) -> Adverity:
    return Adverity(now=lambda: noon)


@pytest.fixture
def get(simulator: Simulator, http: requests.Session) -> Callable[..., requests.Response]:
    def get(**params: Any) -> requests.Response:
        return http.get(f"{simulator.url}/api/v1/usage/", params=params, timeout=60)

    return get


@pytest.fixture
def read(get: Callable[..., requests.Response]) -> Callable[..., list[dict[str, Any]]]:
    """Read page after page as long as they bring something; returns the items as they came."""

    def read_pages(**params: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        page = 1
        while found := get(**{"page_size": 100} | params, page=page).json()["items"]:
            items += found
            page += 1
        return items

    return read_pages
