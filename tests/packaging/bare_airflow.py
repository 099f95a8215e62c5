"""An Airflow that someone has: with the provider of SQLite, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

DISTRIBUTION = "airflow-provider-datacoves-usage"


@dataclass(frozen=True)
class BareAirflow:
    """
    A virtual environment's ``bin`` and its Airflow's home; ``dags`` is the DAG folder, empty at first.

    ``constraints`` is what Airflow's own file of constraints is to others: the versions that these tests run on.
    """

    bin: Path
    home: Path
    dags: Path
    constraints: Path

    def run(self, *command: str) -> str:
        """Run ``airflow *command`` and return what it prints on stdout."""
        return self._run("airflow", *command).stdout

    def run_python(self, code: str, **variables: str) -> str:
        """Run ``code`` with these variables in the environment, and return all that it prints."""
        result = self._run("python", "-c", code, **variables)
        return result.stdout + result.stderr

    def _run(self, program: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        places = {"AIRFLOW_HOME": str(self.home), "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags), "PYTHONPATH": ""}
        result = subprocess.run(
            [self.bin / program, *arguments],
            env=os.environ | places | variables,
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result

    def list(self, *command: str) -> list[dict[str, Any]]:
        """Run ``airflow *command`` and return the rows that it lists."""
        printed = self.run(*command, "--output", "json")
        rows: list[dict[str, Any]] = json.loads(printed[printed.index("[{") :])
        return rows

    def list_packages(self) -> set[str]:
        """Return what is installed, as ``name==version``."""
        pip = [self.bin / "python", "-m", "pip", "list", "--format", "freeze"]
        return set(subprocess.run(pip, check=True, capture_output=True, text=True).stdout.split())


def install_bare_airflow(folder: Path) -> BareAirflow:
    """Install into ``folder`` the Airflow that these tests run on, in the same versions, and make its database."""
    venv.create(folder / "venv", with_pip=True)
    airflow = BareAirflow(folder / "venv" / "bin", folder / "home", folder / "dags", folder / "constraints.txt")
    airflow.home.mkdir()
    airflow.dags.mkdir()
    airflow.constraints.write_text("".join(f"{pinned}\n" for pinned in _installed_versions()))
    pip = [airflow.bin / "python", "-m", "pip", "install", "--quiet", "--no-compile"]
    packages = ["apache-airflow", "apache-airflow-providers-sqlite"]
    subprocess.run([*pip, "--constraint", airflow.constraints, *packages], check=True)
    airflow.run("db", "migrate")
    return airflow


def _installed_versions() -> Iterator[str]:
    for installed in distributions():
        if installed.name != DISTRIBUTION:
            yield f"{installed.name}=={installed.version}"
