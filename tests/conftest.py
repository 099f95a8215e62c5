"""What all tests stand on: an Airflow home of their own, databases and the simulator."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = [
    "tests.support.days",
    "tests.support.signals",
    "tests.support.skipped",
    "tests.support.postgres",
    "tests.support.warehouse",
    "tests.support.allocation",
    "tests.support.mail",
    "tests.support.usage_api",
    "tests.support.task",
    "tests.support.hooks",
    "tests.support.services",
    "tests.support.large",
]

# A deadline for each example would fail on a busy machine.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# Airflow reads its settings when it is imported, so they are made before any test module is.
_home = tempfile.TemporaryDirectory(prefix="airflow-home-")
for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
    del os.environ[name]
os.environ |= {
    "AIRFLOW_HOME": _home.name,
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
    "XDG_RUNTIME_DIR": _home.name,  # where the PostgreSQL package keeps its lock
}


def pytest_unconfigure() -> None:
    _home.cleanup()


@pytest.fixture(scope="session")
def airflow_db() -> Path:
    """Airflow's metadata database, a SQLite file that the tests of a session share."""
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)
    return Path(_home.name, "airflow.db")
