"""A warehouse with something to show, and its readers."""

from __future__ import annotations

from datetime import date

import pytest

from datacoves_usage_provider.warehouse.reader import WarehouseReader
from tests.support.page_usage import PageUsage
from tests.support.warehouse import WarehouseDatabase

TODAY = date(2026, 11, 28)


@pytest.fixture
def page_usage(warehouse: WarehouseDatabase) -> PageUsage:
    usage = PageUsage(warehouse.uri, TODAY)
    usage.fill()
    return usage


@pytest.fixture
def running_usage(warehouse: WarehouseDatabase, today: date) -> PageUsage:
    """The same up to yesterday, for what reads the clock."""
    usage = PageUsage(warehouse.uri, today)
    usage.fill()
    return usage


@pytest.fixture
def reader(warehouse: WarehouseDatabase) -> WarehouseReader:
    return WarehouseReader.connect(warehouse.conn_id, None)
