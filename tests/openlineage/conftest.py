"""These tests need Airflow's OpenLineage provider, which is there where `make lineage` and `make smoke` run them."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    return None if find_spec("airflow.providers.openlineage") else True
