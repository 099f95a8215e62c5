"""What all tests stand on: an Airflow home of their own, databases and the simulator; and no test may be skipped."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

pytest_plugins = [
    "tests.support.postgres",
    "tests.support.warehouse",
    "tests.support.usage_api",
    "tests.support.task",
    "tests.support.hooks",
    "tests.support.four_services",
    "tests.support.large",
]

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


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A test that did not run proves nothing: the session fails."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if any(reporter.stats.get(outcome) for outcome in ("skipped", "xfailed", "xpassed")):
        reporter.write_line("\nFAILED: a test was skipped or expected to fail.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def airflow_db() -> Path:
    """Airflow's metadata database, a SQLite file that the tests of a session share."""
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)
    return Path(_home.name, "airflow.db")
