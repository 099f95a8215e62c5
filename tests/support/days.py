"""The calendar as a test finds it."""

from __future__ import annotations

from datetime import date, datetime, timezone

import pytest


@pytest.fixture
def today() -> date:
    """The UTC day on which the test starts: a session may run past midnight."""
    return datetime.now(timezone.utc).date()
