"""A bash into which someone types what a page says."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tests.docs.markdown import ROOT

DEADLINE = 600  # seconds
_OURS = ("AIRFLOW", "MAKE", "MFLAGS", "PYTHON", "VIRTUAL_ENV", "XDG_")
"""Beginnings of the variables that would tell of the environment in which the tests run."""


@dataclass(frozen=True)
class Shell:
    """``folder`` is where it begins; ``environment`` is all that it knows."""

    folder: Path
    environment: Mapping[str, str]

    def knowing(self, **variables: str) -> Shell:
        return replace(self, environment={**self.environment, **variables})

    def type(self, blocks: Iterable[str], examples: Mapping[str, str]) -> str:
        """
        Type ``blocks`` one after another, and return what the screen shows; the first failure ends it, or ten minutes.

        ``examples`` are all that is replaced: a host or key that only stands for the reader's own, and what stands in
        its place. Each of them must be there.
        """
        text = "\n".join(blocks)
        for example, real in examples.items():
            assert example in text
            text = text.replace(example, real)
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder, "typed")
            script.write_text(text)
            return self._run(script)

    def _run(self, script: Path) -> str:
        screen = script.with_name("screen")
        with screen.open("wb") as output:
            bash = subprocess.Popen(
                ["/usr/bin/env", "bash", "-veuo", "pipefail", script],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                with suppress(subprocess.TimeoutExpired):
                    bash.wait(DEADLINE)
            finally:
                with suppress(ProcessLookupError):  # what it has left in the background, or itself
                    os.killpg(bash.pid, signal.SIGKILL)
        assert bash.wait() == 0, screen.read_text()
        return screen.read_text()


def open_shell(home: Path, folder: Path = ROOT, programs: Path | None = None) -> Shell:
    """Return the shell of a person with an empty ``home`` and, first of all, these ``programs``."""
    home.mkdir()
    known = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    path = os.pathsep.join((str(programs or _make_programs(home.parent)), os.environ["PATH"]))
    return Shell(folder, known | {"HOME": str(home), "PATH": path, "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False"})


def _make_programs(folder: Path) -> Path:
    """Make a folder with ``python3.11``: whichever Python these tests run on, since the pages say to name one's own."""
    programs = folder / "programs"
    programs.mkdir()
    programs.joinpath("python3.11").symlink_to(Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}"))
    return programs


def copy_repository(folder: Path) -> Path:
    """Copy what a clone would have into the new ``folder``, and what is not committed yet."""
    ignored = (ROOT / ".gitignore").read_text().split()
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", *(name.rstrip("/") for name in ignored)))
    return folder
