"""The processes of a benchmark: servers that respond until it is over, and contestants."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.job import Job

ROOT = Path(__file__).parents[1]
_PLAIN = str(ROOT / ".venv" / "bench-plain" / "bin" / "python")


@dataclass(frozen=True)
class Contestant:
    """``module`` in ``benchmarks.contestants``; ``python``: the one of its environment."""

    module: str
    title: str
    python: str

    @property
    def writes_usage_daily(self) -> bool:
        return not self.module.startswith("dlt")


PACKAGE = Contestant("package", "this package", sys.executable)
FLOOR = Contestant("floor", "the floor", _PLAIN)
DLT_DOCUMENTED = Contestant("dlt_documented", "dlt, as documented", _PLAIN)
DLT_FAST = Contestant("dlt_fast", "dlt, fast settings", _PLAIN)
AIRFLOW_HOOKS = Contestant("airflow_hooks", "Airflow's hooks, insert_rows", sys.executable)
SAMPLE_SCRIPT = Contestant("sample_script", "sample script, INSERT", _PLAIN)
PACKAGE_DAILY = Contestant("package_daily", PACKAGE.title, sys.executable)
PACKAGE_B3OS = Contestant("package_b3os", "this package", sys.executable)
ONE_BY_ONE = Contestant("one_by_one_b3os", "one request after the other", _PLAIN)


class Failed(Exception):  # noqa: N818 (a result, and no error of the benchmark)
    """A contestant ended with an error; its text is the end of what it printed."""


@contextmanager
def run_server(kind: str, *arguments: object) -> Iterator[str]:
    """Yield the URL of ``benchmarks.servers.<kind>``."""
    with run_port(kind, *arguments) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def run_port(kind: str, *arguments: object) -> Iterator[int]:
    """Yield the loopback port of ``benchmarks.servers.<kind>``."""
    command = [sys.executable, "-m", f"benchmarks.servers.{kind}", *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout  # noqa: S101 (it is a pipe)
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def run_contestant(contestant: Contestant, job: Job, home: Path) -> dict[str, Any]:
    """Run it once; return what ``benchmarks.child`` measures. What it imports is noted in ``home`` for the next run."""
    known = _get_modules(contestant, home)
    known.touch()
    measured = _run("benchmarks.child", contestant, job, home)
    known.write_text("\n".join(name for name in measured.pop("modules") if name != "__main__"))
    return measured


def profile_contestant(contestant: Contestant, job: Job, home: Path) -> dict[str, float]:
    """Run it once more; return the seconds of ``benchmarks.profiling``."""
    return _run("benchmarks.profiling", contestant, job, home)


def _get_modules(contestant: Contestant, home: Path) -> Path:
    return home / f"{contestant.module}.modules"


def _run(module: str, contestant: Contestant, job: Job, home: Path) -> dict[str, Any]:
    """Return the JSON that ``module`` prints last."""
    command = [contestant.python, "-m", module, contestant.module, str(_get_modules(contestant, home)), job.to_json()]
    result = subprocess.run(
        command, cwd=ROOT, env=make_environment(home / contestant.module), capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise Failed(result.stderr[-2000:] or result.stdout[-2000:])
    printed: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return printed


def make_environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON"))}
    return kept | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "DLT_DATA_DIR": str(home),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
