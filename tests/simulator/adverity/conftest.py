from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from datacoves_usage_provider.simulator import Adverity, Simulator

NOON = datetime(2026, 3, 15, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def api() -> Adverity:
    """The API at noon of 2026-03-15."""
    return Adverity(now=lambda: NOON)


@pytest.fixture
def http(api: Adverity) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Token {api.key}"
        yield session


@pytest.fixture
def ask(simulator: Simulator, http: requests.Session) -> Callable[..., requests.Response]:
    def get(**params: Any) -> requests.Response:
        return http.get(f"{simulator.url}/api/v1/usage/", params=params, timeout=5)

    return get


@pytest.fixture
def read(ask: Callable[..., requests.Response]) -> Callable[..., list[dict[str, Any]]]:
    """Read page after page as long as they bring something; returns the items as they came."""

    def read_pages(**params: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        page = 1
        while found := ask(**{"page_size": 100} | params, page=page).json()["items"]:
            items += found
            page += 1
        return items

    return read_pages
