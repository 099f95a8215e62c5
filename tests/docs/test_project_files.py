"""What stands around the code: workflows call the make targets that people type, and the version is one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import yaml

from datacoves_usage_provider import __version__
from tests.docs.markdown import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
CHECKS_THE_TAG = "test -f"


def find_commands(workflow: str) -> Iterator[str]:
    for job in yaml.safe_load(workflow)["jobs"].values():
        yield from (step["run"] for step in job["steps"] if "run" in step)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_make_targets_that_exist(path):
    called = [command for command in find_commands(path.read_text()) if not command.startswith(CHECKS_THE_TAG)]
    assert called
    for command in called:
        program, target, *_ = command.split()
        assert (program, target in TARGETS) == ("make", True), command


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_pin_each_action_to_a_commit(path):
    used = re.findall(r"uses: (.*)", path.read_text())
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", one)] == []


def test_the_changelog_begins_with_this_version():
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert re.findall(r"^## \[(.*?)\]", changelog, re.MULTILINE)[0] == __version__
    assert f"\n[{__version__}]: https://" in changelog
