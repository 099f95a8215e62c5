"""The calendar as a test finds it."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta, timezone

import pytest

ONE_DAY = timedelta(days=1)
MARGIN = timedelta(minutes=10)


def wait_past_midnight() -> None:
    """Wait for the next UTC day if this one ends soon: what follows must not meet midnight."""
    now = datetime.now(timezone.utc)
    midnight = datetime.combine(now.date() + ONE_DAY, datetime.min.time(), timezone.utc)
    if midnight - now < MARGIN:
        time.sleep((midnight - now).total_seconds() + 1)


@pytest.fixture
def today() -> date:
    """The UTC day on which the test starts: a session may run past midnight."""
    return datetime.now(timezone.utc).date()
