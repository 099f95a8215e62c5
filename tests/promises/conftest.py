"""The promises are tested on the Datacoves Billing API; ``tests/contract`` does so on all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from datacoves_usage_provider.compat import BaseHook
from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook


@pytest.fixture
def collect(datacoves_conn: str, execute: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Execute the operator for the Datacoves connection, or another that ``usage_conn_id`` names."""
    return lambda **arguments: execute(**({"usage_conn_id": datacoves_conn} | arguments))


@pytest.fixture
def hook(datacoves_conn: str) -> DatacovesBillingHook:
    return BaseHook.get_connection(datacoves_conn).get_hook()
