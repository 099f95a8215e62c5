"""Processes that end with their block, however it ends; if it fails, what they printed is shown."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psutil

STOP_SECONDS = 10
LOG_CHARACTERS = 6000


class Processes:
    """Python processes with one environment; what each of them prints goes to ``<folder>/<name>.log``."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start ``python *arguments`` in a session of its own; ``environment`` wins over that of all."""
        with self._folder.joinpath(f"{name}.log").open("ab") as log:
            self._started[name] = subprocess.Popen(
                [sys.executable, *arguments],
                env=self._environment | environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self._started[name]

    def run(self, name: str, *arguments: str, seconds: float) -> None:
        """Run ``python *arguments``; a ``RuntimeError`` if it fails or takes longer than ``seconds``."""
        process = self.start(name, *arguments)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        if process.returncode != 0:
            raise RuntimeError(f"{name}: exit code {process.returncode} within {seconds:.0f} seconds")

    def check(self) -> None:
        """Raise a ``RuntimeError`` if a process has failed."""
        failed = [name for name, process in self._started.items() if process.poll()]
        if failed:
            raise RuntimeError(f"failed: {', '.join(failed)}")

    def kill(self, *names: str) -> None:
        """End these processes and what they started before any of them can note it."""
        self._end(names, psutil.Process.kill)

    def _end(self, names: Iterable[str], *ways: Callable[[psutil.Process], None]) -> None:
        ended = [self._started.pop(name) for name in names]
        members = _find_members({process.pid for process in ended})
        for end in ways:
            for member in members:
                with suppress(psutil.NoSuchProcess):
                    end(member)
            _, members = psutil.wait_procs(members, timeout=STOP_SECONDS)
        for process in ended:
            process.wait()

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._end(tuple(self._started), psutil.Process.terminate, psutil.Process.kill)
        if kind:
            sys.stderr.writelines(_read_end(path) for path in sorted(self._folder.glob("*.log")))


def _find_members(sessions: set[int]) -> list[psutil.Process]:
    """Return the processes of these sessions, also those whose parent is gone."""
    return [process for process in psutil.process_iter() if _get_session(process.pid) in sessions]


def _get_session(pid: int) -> int | None:
    with suppress(OSError):
        return os.getsid(pid)
    return None


def _read_end(log: Path) -> str:
    return f"===== {log.name}\n{log.read_text(errors='replace')[-LOG_CHARACTERS:]}\n"
