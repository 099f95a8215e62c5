"""A test that was skipped fails the session in CI, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPPED = "import pytest\n@pytest.mark.skip(reason='there is no such server')\ndef test_it(): ...\n"


@pytest.mark.parametrize(("ci", "code"), [({"CI": "true"}, pytest.ExitCode.TESTS_FAILED), ({}, pytest.ExitCode.OK)])
def test_a_skipped_test_fails_the_session_in_ci_and_is_shown_elsewhere(tmp_path, ci, code):
    (tmp_path / "test_it.py").write_text(SKIPPED)
    known = {name: value for name, value in os.environ.items() if name != "CI"}
    environment = known | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | ci
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.skipped", "-p", "no:cacheprovider"]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == code
    assert "1 skipped" in result.stdout
    assert ("FAILED: a test was skipped" in result.stdout) == bool(ci)
