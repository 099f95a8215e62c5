"""An Airflow's tables beside the warehouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.metadata import Metadata
from tests.support.warehouse import WarehouseDatabase


@pytest.fixture
def make_metadata(warehouse: WarehouseDatabase) -> Callable[[str], Metadata]:
    return lambda shape: Metadata(warehouse, shape)
