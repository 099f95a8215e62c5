"""What the drills run on."""

from __future__ import annotations

import pytest

from datacoves_usage_provider.compat import BaseHook
from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook


@pytest.fixture
def hook(datacoves_conn: str) -> DatacovesBillingHook:
    return BaseHook.get_connection(datacoves_conn).get_hook()
