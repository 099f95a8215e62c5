"""In CI no test may be skipped: one that did not run proves nothing."""

from __future__ import annotations

import os

import pytest


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where ``CI`` is set, the session fails; elsewhere pytest's summary shows what was skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    found = any(reporter.stats.get(outcome) for outcome in ("skipped", "xfailed", "xpassed"))
    if found and os.environ.get("CI"):
        reporter.write_line("\nFAILED: a test was skipped or expected to fail.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
